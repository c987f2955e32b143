import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { getSession } from "@/app/session";
import { seen, server } from "@/test/server";
import { signInAs } from "@/test/session";
import { sendFile } from "./sendFile";

const picture = () => new File(["x".repeat(2000)], "köy.png", { type: "image/png" });
const send = (signal?: AbortSignal) => sendFile(picture(), "campaign_image", vi.fn(), signal);
const renewed = () =>
  HttpResponse.json({ access_token: "second", expires_in: 900, account: getSession().account });

/** Uploads are taken with these tokens only; what they were sent with. */
function serverThatKnows(...good: string[]) {
  const asked: { token: string | null; key: string | null }[] = [];
  server.use(
    http.post("*/api/v1/files/upload", ({ request }) => {
      const token = request.headers.get("Authorization");
      asked.push({ token, key: request.headers.get("Idempotency-Key") });
      return good.some((one) => token === `Bearer ${one}`)
        ? HttpResponse.json({ id: "file-1" }, { status: 201 })
        : HttpResponse.json({ status: 401, code: "not_authenticated" }, { status: 401 });
    }),
  );
  return asked;
}

function renewWith(answer: () => Response | Promise<Response>): void {
  server.use(http.post("*/api/v1/auth/refresh", answer));
}

beforeEach(() => {
  // biome-ignore lint/suspicious/noDocumentCookie: the cookie a server would set
  document.cookie = "bn_csrf=here";
  signInAs("admin");
});
afterEach(() => {
  // biome-ignore lint/suspicious/noDocumentCookie: the cookie a server would set
  document.cookie = "bn_csrf=; max-age=0";
  vi.restoreAllMocks();
});

test("an upload whose token was refused before its time is sent again with a new one", async () => {
  const asked = serverThatKnows("second");
  renewWith(renewed);
  const filled = vi.spyOn(FormData.prototype, "append");
  expect(await send()).toEqual({ id: "file-1" });
  expect(asked.map((one) => one.token)).toEqual(["Bearer test", "Bearer second"]);
  // The pretend network carries no files; each form was given the whole one.
  const forms = filled.mock.calls.map(([field, content, name]) => [field, (content as Blob).size, name]);
  expect(forms).toEqual(Array(2).fill(["file", 2000, "köy.png"]));
  expect(new Set(asked.map((one) => one.key)).size).toBe(1);
});

test("it is sent twice at most, and then the session has ended", async () => {
  const asked = serverThatKnows();
  renewWith(renewed);
  await expect(send()).rejects.toMatchObject({ status: 401, code: "not_authenticated" });
  expect(asked).toHaveLength(2);
  expect(getSession()).toMatchObject({ status: "visitor", lost: true });
});

test("when nothing can be renewed just now it fails, and the session stays", async () => {
  const asked = serverThatKnows();
  renewWith(() => new HttpResponse(null, { status: 503 }));
  await expect(send()).rejects.toMatchObject({ status: 401 });
  expect(asked).toHaveLength(1);
  expect(getSession().status).toBe("member");
});

test("an upload that is called off during the renewal is not sent again", async () => {
  const asked = serverThatKnows("second");
  const stop = new AbortController();
  renewWith(() => {
    stop.abort();
    return renewed();
  });
  await expect(send(stop.signal)).rejects.toMatchObject({ name: "AbortError" });
  expect(asked).toHaveLength(1);
  expect(seen).toEqual([]);
});
