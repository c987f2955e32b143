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
  const token = await keeper.get();
  const form = new FormData();
  form.append("file", file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1/files/upload?purpose=${purpose}`);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Accept-Language", currentLocale());
    request.setRequestHeader("Idempotency-Key", newKey());
    if (token) request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(Math.floor((100 * event.loaded) / event.total));
    };
    request.onload = () => {
      const body = parsed(request.responseText);
      if (request.status === 201) resolve(body as FileOut);
      else reject(toApiError(body, new Response(null, { status: request.status })));
    };
    request.onerror = () => reject(new ApiError(0, "network", ""));
    signal?.addEventListener("abort", () => {
      request.abort();
      reject(new DOMException("", "AbortError"));
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
