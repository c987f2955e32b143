import { expect, test, vi } from "vitest";
import { configureApi } from "./configure";
import { getMe, patchMe, type SessionOut as Session } from "./gen";

const session = (token: string, id = "a"): Session =>
  ({ access_token: token, expires_in: 300, account: { id } }) as unknown as Session;

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

test("what one person filled in is not sent in the name of another who signed in meanwhile", async () => {
  const server = serverThatKnows("theirs");
  const keeper = configureApi({
    baseUrl: "http://x.test",
    refresh: async () => session("theirs", "b"),
    fetch: server.fetch,
  });
  keeper.accept(session("mine", "a"));
  await expect(patchMe({ body: { full_name: "Ayşe" } })).rejects.toMatchObject({ status: 401 });
  expect(server.asked).toEqual(["Bearer mine"]);
});

test("calls refused one after the other share one renewal, and each is made again with its body", async () => {
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const bodies: string[] = [];
  const answer = async (input: RequestInfo | URL) => {
    const request = new Request(input);
    const body = await request.text();
    if (request.headers.get("Authorization") === "Bearer second") {
      bodies.push(body);
      return Response.json({ id: "a" });
    }
    if (body.includes("late")) await held;
    return Response.json({ status: 401 }, { status: 401 });
  };
  const refresh = vi.fn(async () => session("second"));
  const keeper = configureApi({
    baseUrl: "http://x.test",
    refresh,
    fetch: answer as unknown as typeof fetch,
  });
  keeper.accept(session("first"));
  const late = patchMe({ body: { full_name: "late" } });
  await patchMe({ body: { full_name: "early" } });
  release();
  await late;
  expect(bodies.map((body) => JSON.parse(body).full_name)).toEqual(["early", "late"]);
  expect(refresh).toHaveBeenCalledTimes(1);
});
