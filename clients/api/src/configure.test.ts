import { afterEach, expect, test, vi } from "vitest";
import { configureApi } from "./configure";
import { getMe, patchMe, type SessionOut as Session } from "./gen";
import { client } from "./gen/client.gen";
import { cookieRefresh } from "./web";

// Every test is an application of its own: what an earlier one hung into the client must not sign this one in.
afterEach(() => {
  client.interceptors.request.clear();
  client.interceptors.response.clear();
  client.interceptors.error.clear();
  vi.unstubAllGlobals();
});

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

const refused = () => Response.json({ code: "not_authenticated", status: 401 }, { status: 401 });

/** A call that the server refuses, but only when the test says so. */
function refusedLater() {
  let refuse: () => void = () => {};
  const answer = new Promise<Response>((resolve) => (refuse = () => resolve(refused())));
  const asked = vi.fn(() => answer);
  return { asked, refuse, fetch: asked as unknown as typeof fetch };
}

test.each([
  ["answers 503", async () => new Response(null, { status: 503 })],
  ["cannot be reached", async () => Promise.reject(new TypeError("offline"))],
])("a session is kept when the server that should renew it %s", async (_, renewal) => {
  vi.stubGlobal("document", { cookie: "bn_csrf=here" });
  vi.stubGlobal("fetch", vi.fn(renewal));
  const onSession = vi.fn();
  const server = serverThatKnows("second");
  const keeper = configureApi({
    baseUrl: "http://x.test",
    refresh: () => cookieRefresh("http://x.test"),
    onSession,
    fetch: server.fetch,
  });
  keeper.accept(session("first"));
  await expect(getMe()).rejects.toMatchObject({ status: 401 });
  expect(onSession).not.toHaveBeenCalledWith(null);
  expect(await keeper.get()).toBe("first");
  vi.stubGlobal(
    "fetch",
    vi.fn(async () => Response.json(session("second"))),
  );
  expect((await getMe()).data).toMatchObject({ id: "a" });
  expect(server.asked).toEqual(["Bearer first", "Bearer first", "Bearer second"]);
});

test("a slow call of somebody who left does not end the session of the next", async () => {
  const { asked, refuse, fetch } = refusedLater();
  const refresh = vi.fn();
  const keeper = configureApi({ baseUrl: "http://x.test", refresh, fetch });
  keeper.accept(session("mine", "a"));
  const slow = getMe();
  await vi.waitFor(() => expect(asked).toHaveBeenCalled());
  keeper.clear();
  keeper.accept(session("theirs", "b"));
  refuse();
  await expect(slow).rejects.toMatchObject({ status: 401 });
  expect(await keeper.get()).toBe("theirs");
  expect(refresh).not.toHaveBeenCalled();
  expect(asked).toHaveBeenCalledTimes(1);
});

test("a visitor's slow call does not end the session that begins meanwhile", async () => {
  const { asked, refuse, fetch } = refusedLater();
  const keeper = configureApi({ baseUrl: "http://x.test", refresh: vi.fn(), fetch });
  const slow = getMe();
  await vi.waitFor(() => expect(asked).toHaveBeenCalled());
  keeper.accept(session("first"));
  refuse();
  await expect(slow).rejects.toMatchObject({ status: 401 });
  expect(await keeper.get()).toBe("first");
});

test("a session whose renewed token is refused as well has ended", async () => {
  const server = serverThatKnows();
  const onSession = vi.fn();
  const refresh = async () => session("second");
  const keeper = configureApi({ baseUrl: "http://x.test", refresh, onSession, fetch: server.fetch });
  keeper.accept(session("first"));
  await expect(getMe()).rejects.toMatchObject({ status: 401 });
  expect(server.asked).toEqual(["Bearer first", "Bearer second"]);
  expect(onSession).toHaveBeenLastCalledWith(null);
  expect(await keeper.get()).toBeUndefined();
});

test("a second refusal that comes late ends no session but its own", async () => {
  const second = refusedLater();
  const answers = [async () => refused(), second.asked];
  const fetch = vi.fn(() => answers.shift()?.()) as unknown as typeof globalThis.fetch;
  const refresh = async () => session("second");
  const keeper = configureApi({ baseUrl: "http://x.test", refresh, fetch });
  keeper.accept(session("first"));
  const slow = getMe();
  await vi.waitFor(() => expect(second.asked).toHaveBeenCalled());
  keeper.accept(session("third"));
  second.refuse();
  await expect(slow).rejects.toMatchObject({ status: 401 });
  expect(await keeper.get()).toBe("third");
});
