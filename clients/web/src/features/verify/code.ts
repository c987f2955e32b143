/**
 * Reads what somebody typed, pasted or scanned: a bare code, a code with spaces, or the whole address of
 * a verification page. Returns the code as the address bar wants it.
 */
export function readCode(raw: string): string {
  const text = raw.trim();
  const fromUrl = /\/verify\/([^/?#\s]+)/.exec(text)?.[1];
  return (fromUrl ?? text)
    .replace(/[‐-―−]/g, "-")
    .replace(/\s+/g, "")
    .toLocaleUpperCase("en");
}
