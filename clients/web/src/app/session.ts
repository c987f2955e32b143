import {
  type AccountOut as Account,
  configureApi,
  cookieRefresh,
  csrfHeader,
  readCookie,
  type SessionOut as Session,
} from "@belgenet/api";
import { useSyncExternalStore } from "react";
import { currentLocale } from "./locale";

/** Who is here. `loading` until the first renewal has answered. */
export interface SessionState {
  status: "loading" | "visitor" | "member";
  account: Account | null;
  /** True when a session that had been there ended without a sign-out. */
  lost: boolean;
}

let state: SessionState = { status: "loading", account: null, lost: false };
let leaving = false;
const listeners = new Set<() => void>();

function set(next: SessionState): void {
  state = next;
  for (const listener of listeners) listener();
}

function onSession(session: Session | null): void {
  if (session) set({ status: "member", account: session.account, lost: false });
  else set({ status: "visitor", account: null, lost: state.status === "member" && !leaving });
}

export const keeper = configureApi({
  baseUrl: "",
  refresh: () => cookieRefresh(),
  onSession,
  locale: currentLocale,
  headers: csrfHeader,
});

/** Picks up the session of an earlier visit, when its cookie is still there. */
export async function resumeSession(): Promise<void> {
  const session = readCookie("bn_csrf") ? await keeper.renew() : null;
  if (!session && keeper.owner === null) set({ status: "visitor", account: null, lost: false });
}

/** Takes over what sign-in or guest registration returned. */
export const acceptSession = (session: Session): void => keeper.accept(session);

/** Replaces the account after it was edited. */
export const updateAccount = (account: Account): void => set({ ...state, account });

/** Forgets the session on this device. */
export function dropSession(): void {
  leaving = true;
  keeper.clear();
  leaving = false;
  set({ status: "visitor", account: null, lost: false });
}

/** Dismisses the notice about a lost session. */
export const forgetLost = (): void => set({ ...state, lost: false });

export const getSession = (): SessionState => state;

export const subscribeSession = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useSession = (): SessionState => useSyncExternalStore(subscribeSession, getSession, getSession);
