/** Languages the product speaks. Turkish is the default and ships in the first bundle. */
export const LOCALES = ["tr", "en"] as const;
export type Locale = (typeof LOCALES)[number];
export const DEFAULT_LOCALE: Locale = "tr";

/** BCP 47 tag used for numbers and dates. */
export const INTL_TAG: Record<Locale, string> = { tr: "tr-TR", en: "en-GB" };

export const isLocale = (v: unknown): v is Locale => (LOCALES as readonly unknown[]).includes(v);

/** First language of the list that we speak, e.g. from `navigator.languages`. */
export function matchLocale(wanted: readonly (string | null | undefined)[]): Locale {
  for (const tag of wanted) {
    const short = tag?.toLowerCase().split(/[-_]/)[0];
    if (isLocale(short)) return short;
  }
  return DEFAULT_LOCALE;
}
