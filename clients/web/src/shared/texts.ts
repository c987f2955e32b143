import type { Locale } from "@belgenet/i18n";

/** A text per language, as the server keeps the words an administrator writes. */
export type Texts = { [locale: string]: string | undefined };

/** The text of a language, else of any. */
export const pick = (texts: Texts | null | undefined, locale: Locale): string =>
  texts?.[locale] || Object.values(texts ?? {}).find(Boolean) || "";

/** The institution's motto in the reader's language; a plain text serves all languages. */
export const tagline = (value: Texts | string | null | undefined, locale: Locale): string =>
  typeof value === "string" ? value : pick(value, locale);
