import { ApiError, type FileOut, newKey, toApiError } from "@belgenet/api";
import { currentLocale } from "@/app/locale";
import { keeper } from "@/app/session";

export type Purpose = FileOut["purpose"];

/**
 * Uploads one file. `onProgress` hears the share sent so far, 0 to 100; `fetch` cannot tell it, so this is
 * the one call that goes around the generated client. Aborting `signal` rejects with an `AbortError`.
 */
export async function sendFile(
  file: File,
  purpose: Purpose,
  onProgress: (percent: number) => void,
  signal?: AbortSignal,
): Promise<FileOut> {
  const key = newKey();
  const post = (token?: string) => upload(file, purpose, key, token, onProgress, signal);
  const token = await keeper.get();
  const { status, body } = await (token ? keeper.send(token, post) : post());
  if (status === 201) return body as FileOut;
  throw toApiError(body, new Response(null, { status }));
}

interface Answer {
  status: number;
  body: unknown;
}

/** Sends the file once; rejects when there is no answer. */
function upload(
  file: File,
  purpose: Purpose,
  key: string,
  token: string | undefined,
  onProgress: (percent: number) => void,
  signal?: AbortSignal,
): Promise<Answer> {
  const form = new FormData();
  form.append("file", file, file.name);
  return new Promise((resolve, reject) => {
    const aborted = () => reject(new DOMException("", "AbortError"));
    if (signal?.aborted) return aborted();
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1/files/upload?purpose=${purpose}`);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Accept-Language", currentLocale());
    request.setRequestHeader("Idempotency-Key", key);
    if (token) request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(Math.floor((100 * event.loaded) / event.total));
    };
    request.onload = () => resolve({ status: request.status, body: parsed(request.responseText) });
    request.onerror = () => reject(new ApiError(0, "network", ""));
    signal?.addEventListener("abort", () => {
      request.abort();
      aborted();
    });
    request.send(form);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
