import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
// @ts-expect-error plain JavaScript, shared with the mock server of the browser tests
import { answer, makeState } from "../../../e2e/mock.mjs";

/** What the pretend server stands for in the running test. */
export const world = { kind: "charity" as "charity" | "academy" | "platform", state: makeState() };

/** Requests of the running test, newest last. */
export const seen: { method: string; path: string; body: unknown; headers: Headers }[] = [];

export const server = setupServer(
  http.all("*/api/*", async ({ request }) => {
    const text = request.method === "GET" ? "" : await request.clone().text();
    const body: unknown = text ? JSON.parse(text) : null;
    seen.push({
      method: request.method,
      path: new URL(request.url).pathname.replace("/api/v1", ""),
      body,
      headers: request.headers,
    });
    const result = answer({ ...world, method: request.method, url: request.url, body });
    if (result.body === null) return new HttpResponse(null, { status: result.status });
    if (result.body.pdf)
      return new HttpResponse("%PDF-1.7", { headers: { "Content-Type": "application/pdf" } });
    return HttpResponse.json(result.body, { status: result.status });
  }),
);

/** What the pretend server says about its address. */
export const siteOf = (): Record<string, unknown> =>
  answer({ ...world, method: "GET", url: "http://x.test/api/v1/site", body: null }).body;

export function resetWorld(): void {
  world.kind = "charity";
  world.state = makeState();
  seen.length = 0;
}
