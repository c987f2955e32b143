import { expect, test, vi } from "vitest";
import type { SessionOut as Session } from "./gen";
import { TokenKeeper } from "./session";

const session = (token: string, expires_in = 300, id = "a"): Session =>
  ({ access_token: token, expires_in, account: { id } }) as unknown as Session;

test("a visitor without a session causes no call", async () => {
  const refresh = vi.fn();
  expect(await new TokenKeeper(refresh).get()).toBeUndefined();
  expect(refresh).not.toHaveBeenCalled();
});

test("a fresh token is used as it is, an old one is renewed before it expires", async () => {
  let now = 0;
  const refresh = vi.fn(async () => session("second"));
  const keeper = new TokenKeeper(refresh, undefined, () => now);
  keeper.accept(session("first", 300));
  expect(await keeper.get()).toBe("first");
  now = 271_000;
  expect(await keeper.get()).toBe("second");
  expect(refresh).toHaveBeenCalledTimes(1);
});

test("callers at the same time share one renewal", async () => {
  let now = 0;
  let release: (s: Session) => void = () => {};
  const refresh = vi.fn(() => new Promise<Session>((resolve) => (release = resolve)));
  const keeper = new TokenKeeper(refresh, undefined, () => now);
  keeper.accept(session("first"));
  now = 400_000;
  const waiting = [keeper.get(), keeper.get(), keeper.renew()];
  release(session("second"));
  expect(await Promise.all(waiting)).toMatchObject(["second", "second", { access_token: "second" }]);
  expect(refresh).toHaveBeenCalledTimes(1);
});

test("a refused renewal signs out, a broken network does not", async () => {
  let now = 0;
  const seen: (Session | null)[] = [];
  const refresh = vi.fn<() => Promise<Session | null>>();
  const keeper = new TokenKeeper(
    refresh,
    (s) => seen.push(s),
    () => now,
  );
  keeper.accept(session("first"));
  now = 400_000;
  refresh.mockRejectedValueOnce(new TypeError("offline"));
  expect(await keeper.get()).toBe("first");
  refresh.mockResolvedValueOnce(null);
  expect(await keeper.get()).toBeUndefined();
  expect(seen.at(-1)).toBeNull();
});

test("a renewal that brings another person's session ends this one", async () => {
  let now = 0;
  const seen: (Session | null)[] = [];
  const keeper = new TokenKeeper(
    async () => session("theirs", 300, "b"),
    (s) => seen.push(s),
    () => now,
  );
  keeper.accept(session("mine"));
  now = 400_000;
  expect(await keeper.get()).toBeUndefined();
  expect(seen.at(-1)).toBeNull();
});

test("that there was nothing to renew ends no session that began meanwhile", async () => {
  let answer: (s: null) => void = () => {};
  const keeper = new TokenKeeper(() => new Promise<null>((resolve) => (answer = resolve)));
  const resumed = keeper.renew();
  keeper.accept(session("first"));
  answer(null);
  expect(await resumed).toBeNull();
  expect(await keeper.get()).toBe("first");
});
