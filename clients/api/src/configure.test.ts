import { expect, test, vi } from "vitest";
import { configureApi } from "./configure";
import { getMe, type SessionOut as Session } from "./gen";

const session = (token: string): Session =>
  ({ access_token: token, expires_in: 300, account: { id: "a" } }) as unknown as Session;

/** A server that knows only the tokens it is given; what it was asked with. */
function serverThatKnows(...good: string[]) {
  const asked: (string | null)[] = [];
  const answer = vi.fn(async (input: RequestInfo | URL) => {
    const token = new Request(input).headers.get("Authorization");
    asked.push(token);
    const known = good.some((one) => token === `Bearer ${one}`);
    return Response.json(known ? { id: "a" } : { code: "unauthenticated", status: 401 }, {
      status: known ? 200 : 401,
    });
  });
  return { asked, fetch: answer as unknown as typeof fetch };
}

test("a token that is refused before its time is renewed, and the call made again", async () => {
  const server = serverThatKnows("second");
  const refresh = vi.fn(async () => session("second"));
  const keeper = configureApi({ baseUrl: "http://x.test", refresh, fetch: server.fetch });
  keeper.accept(session("first"));
  expect((await getMe()).data).toMatchObject({ id: "a" });
  expect(server.asked).toEqual(["Bearer first", "Bearer second"]);
  expect(refresh).toHaveBeenCalledTimes(1);
});

test("who cannot renew is signed out after one try", async () => {
  const server = serverThatKnows();
  const onSession = vi.fn();
  const keeper = configureApi({
    baseUrl: "http://x.test",
    refresh: async () => null,
    onSession,
    fetch: server.fetch,
  });
  keeper.accept(session("first"));
  await expect(getMe()).rejects.toMatchObject({ status: 401 });
  expect(server.asked).toEqual(["Bearer first"]);
  expect(onSession).toHaveBeenLastCalledWith(null);
});

test("a visitor's refusal costs no renewal", async () => {
  const server = serverThatKnows();
  const refresh = vi.fn();
  configureApi({ baseUrl: "http://x.test", refresh, fetch: server.fetch });
  await expect(getMe()).rejects.toMatchObject({ status: 401 });
  expect(refresh).not.toHaveBeenCalled();
});
