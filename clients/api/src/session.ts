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
  private account: string | null = null;
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
    this.account = session.account.id;
    this.expires = this.now() + session.expires_in * 1000;
    this.onChange(session);
  }

  clear(): void {
    const had = this.token !== null;
    this.token = null;
    this.account = null;
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

  /** Id of the account the token speaks for; null for a visitor. */
  get owner(): string | null {
    return this.account;
  }

  /**
   * Another token of `owner` in place of one that was refused; undefined when there is none. Never another
   * person's: what one person filled in must not be sent in the name of the next.
   */
  async replace(refused: string, owner: string | null): Promise<string | undefined> {
    if (this.token === refused) await this.renew();
    if (this.token === refused || this.account !== owner) return undefined;
    return this.token ?? undefined;
  }

  /**
   * What `send` got with `token`, or with another one of the same person where that one was refused before its
   * time: the server's keys may have been changed, or the session's roles. A session whose new token is refused
   * as well has ended; one that could not be renewed just now, or that began meanwhile, has not.
   */
  async send<T extends { status: number }>(token: string, send: (token: string) => Promise<T>): Promise<T> {
    const { owner } = this;
    const answer = await send(token);
    if (answer.status !== 401) return answer;
    const other = await this.replace(token, owner);
    if (other === undefined) return answer;
    const second = await send(other);
    if (second.status === 401 && this.token === other) this.clear();
    return second;
  }

  /**
   * Renews once for all callers; a failed network leaves the old token so that work goes on. Another person's
   * session, from another window that shares the cookie, ends this one: what stands on the page is not theirs.
   * That there is nothing to renew ends only the session for which it was asked.
   */
  renew(): Promise<Session | null> {
    const { token } = this;
    this.pending ??= this.refresh()
      .then((session) => {
        const mine = session !== null && (this.account === null || session.account.id === this.account);
        if (mine) this.accept(session);
        else if (session !== null || this.token === token) this.clear();
        return mine ? session : null;
      })
      .catch(() => null)
      .finally(() => {
        this.pending = null;
      });
    return this.pending;
  }
}
