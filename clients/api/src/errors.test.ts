import { expect, test } from "vitest";
import { toApiError } from "./errors";

const response = (status: number, headers: Record<string, string> = {}) =>
  new Response(null, { status, headers });

test("problem+json keeps code, text, fields and request id", () => {
  const body = {
    status: 422,
    code: "validation_failed",
    title: "Geçersiz",
    detail: "Bilgileri kontrol ediniz.",
    request_id: "r-1",
    fields: [{ path: "/body/lines/0/quantity", code: "too_many", message: "En çok 7" }],
  };
  const error = toApiError(body, response(422));
  expect(error).toMatchObject({
    status: 422,
    code: "validation_failed",
    title: "Geçersiz",
    detail: "Bilgileri kontrol ediniz.",
    requestId: "r-1",
  });
  expect(error.fields).toEqual([{ path: "lines.0.quantity", code: "too_many", message: "En çok 7" }]);
});

test("fields may be a map of names", () => {
  expect(toApiError({ errors: { email: ["a", "b"] } }, response(400)).fields).toEqual([
    { path: "email", code: "", message: "a b" },
  ]);
});

test("a proxy's plain answer still gives a status and the request id of the header", () => {
  const error = toApiError("<html>", response(502, { "X-Request-Id": "abc", "Retry-After": "7" }));
  expect(error).toMatchObject({ status: 502, code: "http_502", detail: "", requestId: "abc", retryAfter: 7 });
});

test("no answer at all is a network error", () => {
  expect(toApiError(new TypeError("fetch failed")).isNetwork).toBe(true);
});
