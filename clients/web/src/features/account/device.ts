const BROWSERS: [RegExp, string][] = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/SamsungBrowser\//, "Samsung Internet"],
  [/Firefox\//, "Firefox"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

const find = (list: [RegExp, string][], text: string): string | undefined =>
  list.find(([pattern]) => pattern.test(text))?.[1];

/** "Firefox · Linux" from a user agent; null when nothing is recognised. */
export function deviceName(userAgent: string | null | undefined): string | null {
  const parts = [find(BROWSERS, userAgent ?? ""), find(SYSTEMS, userAgent ?? "")].filter(Boolean);
  return parts.length > 0 ? parts.join(" · ") : null;
}
