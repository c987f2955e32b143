/** Where to go after sign-in: only a path of this site, never another one. */
export function safeNext(raw: string | null): string {
  if (!raw?.startsWith("/") || raw.startsWith("//") || raw.includes("\\")) return "/";
  return raw;
}
