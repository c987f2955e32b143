import { toApiError } from "./errors";
import type { SessionOut as Session } from "./gen";
import { client } from "./gen/client.gen";
import { newKey } from "./key";
import { type Refresh, TokenKeeper } from "./session";

export interface ApiOptions {
  /** Origin of the server; empty for the page's own origin. */
  baseUrl: string;
  refresh: Refresh;
  /** Called whenever the session is taken over, renewed or lost. */
  onSession?: (session: Session | null) => void;
  /** Language of error texts. */
  locale?: () => string;
  /** Further headers for every request (the web client's CSRF header). */
  headers?: () => Record<string, string>;
  fetch?: typeof fetch;
}

/** Calls that make a session: they carry no access token. */
const SIGN_IN = /\/auth\/(login|register|guest|refresh|verify-email|password)/;

/** Every call that carries a token may be made twice; see {@link TokenKeeper.send}. */
function withRenewal(keeper: TokenKeeper, ask: typeof fetch): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const carried = request.headers.get("Authorization");
    if (carried === null) return ask(request);
    const again = request.clone();
    const first = carried.replace(/^Bearer /, "");
    return keeper.send(first, (token) => {
      if (token === first) return ask(request);
      again.headers.set("Authorization", `Bearer ${token}`);
      return ask(again);
    });
  };
}

/** Wires the generated client for one application. Call once, before the first request. */
export function configureApi(options: ApiOptions): TokenKeeper {
  const keeper = new TokenKeeper(options.refresh, options.onSession);
  client.setConfig({
    baseUrl: options.baseUrl,
    throwOnError: true,
    fetch: withRenewal(keeper, options.fetch ?? ((input, init) => fetch(input, init))),
  });
  client.interceptors.request.use(async (request) => {
    if (options.locale) request.headers.set("Accept-Language", options.locale());
    for (const [name, value] of Object.entries(options.headers?.() ?? {})) request.headers.set(name, value);
    // A POST without a key of its own still must not run twice when the network repeats it.
    if (request.method === "POST" && !request.headers.has("Idempotency-Key"))
      request.headers.set("Idempotency-Key", newKey());
    // Public pages show more to a signed-in reader, so every call but the sign-in ones carries the token.
    const token = SIGN_IN.test(request.url) ? undefined : await keeper.get();
    if (token) request.headers.set("Authorization", `Bearer ${token}`);
    return request;
  });
  client.interceptors.error.use((error, response) => toApiError(error, response as Response | undefined));
  return keeper;
}
