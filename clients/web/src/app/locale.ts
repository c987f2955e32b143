import { DEFAULT_LOCALE, type Locale, matchLocale, setLocale } from "@belgenet/i18n";

const KEY = "bn-locale";
let current: Locale = DEFAULT_LOCALE;

/** The reader's earlier choice, else the browser's languages, else Turkish. */
export function detectLocale(): Locale {
  let stored: string | null = null;
  try {
    stored = localStorage.getItem(KEY);
  } catch {
    // Storage may be forbidden; the browser's languages still decide.
  }
  current = matchLocale([stored, ...navigator.languages]);
  document.documentElement.lang = current;
  return current;
}

export const currentLocale = (): Locale => current;

/** Switches the screen's language without a reload and remembers it on this device. */
export async function chooseLocale(locale: Locale): Promise<void> {
  await setLocale(locale);
  current = locale;
  document.documentElement.lang = locale;
  try {
    localStorage.setItem(KEY, locale);
  } catch {
    // Not remembered then; the switch itself works.
  }
}
