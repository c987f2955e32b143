import type { SessionOut as Session } from "./gen";

/** Seconds before expiry at which a token counts as old. */
const EARLY = 30;

/** Trades whatever the client holds (cookie, secure store) for a new session; null when signed out. */
export type Refresh = () => Promise<Session | null>;

/**
 * Keeps the access token in memory and renews it before it expires. Concurrent callers share one
 * renewal, because a refresh token may be used only once.
 */
export class TokenKeeper {
  private token: string | null = null;
  private expires = 0;
  private pending: Promise<Session | null> | null = null;

  constructor(
    private readonly refresh: Refresh,
    private readonly onChange: (session: Session | null) => void = () => {},
    private readonly now: () => number = Date.now,
  ) {}

  /** Takes over a session that a sign-in or a renewal returned. */
  accept(session: Session): void {
    this.token = session.access_token;
    this.expires = this.now() + session.expires_in * 1000;
    this.onChange(session);
  }

  clear(): void {
    const had = this.token !== null;
    this.token = null;
    this.expires = 0;
    if (had) this.onChange(null);
  }

  /** A token good for the next call, or undefined for a visitor. Waits for a renewal under way; never throws. */
  async get(): Promise<string | undefined> {
    if (this.token === null && this.pending) await this.pending;
    if (this.token === null) return undefined;
    if (this.expires - EARLY * 1000 > this.now()) return this.token;
    await this.renew();
    return this.token ?? undefined;
  }

  /** Renews once for all callers; a failed network leaves the old token so that work goes on. */
  renew(): Promise<Session | null> {
    this.pending ??= this.refresh()
      .then((session) => {
        if (session) this.accept(session);
        else this.clear();
        return session;
      })
      .catch(() => null)
      .finally(() => {
        this.pending = null;
      });
    return this.pending;
  }
}
