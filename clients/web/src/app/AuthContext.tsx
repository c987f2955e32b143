import {
  type AccountOut as Account,
  logout,
  logoutAll,
  patchMe,
  type SessionOut as Session,
} from "@belgenet/api";
import type { Locale } from "@belgenet/i18n";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useEffect, useMemo, useRef } from "react";
import { chooseLocale } from "./locale";
import { acceptSession, dropSession, type SessionState, updateAccount, useSession } from "./session";

interface Auth extends SessionState {
  /** True for people who may open the administration panel. */
  isAdmin: boolean;
  accept: (session: Session) => void;
  update: (account: Account) => void;
  signOut: (everywhere?: boolean) => Promise<void>;
  setLanguage: (locale: Locale) => Promise<void>;
}

const Context = createContext<Auth | null>(null);

export function useAuth(): Auth {
  const auth = use(Context);
  if (!auth) throw new Error("useAuth outside AuthProvider");
  return auth;
}

export const isAdmin = (account: Account | null): boolean =>
  account?.permissions.includes("dashboard:read") ?? false;

/** Gives pages the account and keeps cached answers from outliving the person they were made for. */
export function AuthProvider({ children }: { children: ReactNode }) {
  const session = useSession();
  const queries = useQueryClient();
  const owner = useRef<string | null>(null);
  const id = session.account?.id ?? null;
  useEffect(() => {
    if (session.status === "loading" || owner.current === id) return;
    if (owner.current === null) void queries.invalidateQueries();
    else
      queries.removeQueries({
        predicate: (q) => (q.queryKey[0] as { _id?: string } | undefined)?._id !== "getSite",
      });
    owner.current = id;
  }, [id, session.status, queries]);

  const value = useMemo<Auth>(
    () => ({
      ...session,
      isAdmin: isAdmin(session.account),
      accept: acceptSession,
      update: updateAccount,
      signOut: async (everywhere = false) => {
        // Signing out of this device must work without a network too.
        if (everywhere) await logoutAll();
        else await logout().catch(() => undefined);
        dropSession();
      },
      setLanguage: async (locale) => {
        await chooseLocale(locale);
        if (session.account) await patchMe({ body: { locale } }).catch(() => undefined);
      },
    }),
    [session],
  );
  return <Context value={value}>{children}</Context>;
}
