import { useLocation } from "react-router";

/** The secret of a mailed link. It stands behind the `#`, so no server and no referrer ever sees it. */
export function useMailedToken(): string {
  const { hash } = useLocation();
  return new URLSearchParams(hash.slice(1)).get("token") ?? "";
}
