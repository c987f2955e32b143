import type { SessionOut as Session } from "./gen";

/** Reads one cookie by name; null when it is not there. */
export function readCookie(name: string, jar: string = document.cookie): string | null {
  for (const part of jar.split(";")) {
    const [key, ...value] = part.trim().split("=");
    if (key === name) return decodeURIComponent(value.join("="));
  }
  return null;
}

/**
 * Refresh for browsers: the refresh token is an HttpOnly cookie, the readable `bn_csrf` cookie is sent
 * back as a header. All tabs share the cookie, so the call runs under one lock for the whole origin:
 * two tabs using the same token at once would look like theft and end the session.
 */
export async function cookieRefresh(baseUrl = ""): Promise<Session | null> {
  const run = async (): Promise<Session | null> => {
    const csrf = readCookie("bn_csrf");
    if (!csrf) return null;
    const response = await fetch(`${baseUrl}/api/v1/auth/refresh`, {
      method: "POST",
      credentials: "same-origin",
      headers: { "X-CSRF-Token": csrf, "Content-Type": "application/json", Accept: "application/json" },
      body: "{}",
    });
    // Only these mean that the session is over; others (too many calls, a site closed for an hour) pass.
    if (response.status === 401 || response.status === 403) return null;
    if (!response.ok) throw new Error(`refresh: ${response.status}`);
    return (await response.json()) as Session;
  };
  return navigator.locks ? await navigator.locks.request("belgenet-refresh", run) : await run();
}

/** Header that sign-out calls need beside the cookie. */
export function csrfHeader(): Record<string, string> {
  const csrf = readCookie("bn_csrf");
  return csrf ? { "X-CSRF-Token": csrf } : {};
}
