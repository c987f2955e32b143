import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { cookieRefresh, csrfHeader } from "./web";

const answerWith = (answer: () => Response) => {
  const asked = vi.fn(async (_url: string, _init: RequestInit) => answer());
  vi.stubGlobal("fetch", asked);
  return asked;
};

beforeEach(() => vi.stubGlobal("document", { cookie: "other=1; bn_csrf=a%3Db" }));
afterEach(() => vi.unstubAllGlobals());

test("the readable cookie goes back as a header, beside the one no script can read", async () => {
  const asked = answerWith(() => Response.json({ access_token: "new" }));
  expect(await cookieRefresh("http://x.test")).toMatchObject({ access_token: "new" });
  const [url, init] = asked.mock.calls[0] ?? [];
  expect(url).toBe("http://x.test/api/v1/auth/refresh");
  expect(init).toMatchObject({ method: "POST", credentials: "same-origin" });
  expect(init?.headers).toMatchObject(csrfHeader());
  expect(csrfHeader()).toEqual({ "X-CSRF-Token": "a=b" });
});

test("who has no cookie asks nobody", async () => {
  vi.stubGlobal("document", { cookie: "" });
  const asked = answerWith(() => Response.json({}));
  expect(await cookieRefresh()).toBeNull();
  expect(asked).not.toHaveBeenCalled();
});

test.each([401, 403])("%i: this session cannot be continued", async (status) => {
  answerWith(() => new Response(null, { status }));
  expect(await cookieRefresh()).toBeNull();
});

test.each([404, 429, 500, 503])("%i says nothing about the session", async (status) => {
  answerWith(() => new Response(null, { status }));
  await expect(cookieRefresh()).rejects.toThrow(String(status));
});
