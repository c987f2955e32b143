import { useTranslation } from "react-i18next";
import { DEFAULT_LOCALE, isLocale, type Locale } from "./locales";

export * from "./format";
export * from "./locales";
export * from "./setup";

/** Translator with typed keys (`t("giving.seats.title")`). */
export const useT = () => useTranslation("app").t;

/** Language of the screen right now; re-renders on a switch. */
export function useLocale(): Locale {
  const { i18n } = useTranslation("app");
  return isLocale(i18n.language) ? i18n.language : DEFAULT_LOCALE;
}
