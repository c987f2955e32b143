import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, test } from "vitest";
import { server } from "@/test/server";
import { signInAs } from "@/test/session";
import { getSession, resumeSession } from "./session";

beforeEach(() => {
  // biome-ignore lint/suspicious/noDocumentCookie: the cookie a server would set
  document.cookie = "bn_csrf=here";
});
afterEach(() => {
  // biome-ignore lint/suspicious/noDocumentCookie: the cookie a server would set
  document.cookie = "bn_csrf=; max-age=0";
});

const refuse = (meanwhile: () => void): void =>
  server.use(
    http.post("*/api/v1/auth/refresh", () => {
      meanwhile();
      return new HttpResponse(null, { status: 401 });
    }),
  );

test("a session that cannot be picked up again leaves a visitor, and no word of a loss", async () => {
  refuse(() => {});
  await resumeSession();
  expect(getSession()).toEqual({ status: "visitor", account: null, lost: false });
});

test("who signs in while an old session is still looked for stays signed in", async () => {
  refuse(() => signInAs("donor"));
  await resumeSession();
  expect(getSession()).toMatchObject({ status: "member", lost: false });
});
