import { INTL_TAG, type Locale } from "./locales";

/** An amount as the API writes it: a decimal string in major units and an ISO 4217 code. */
export interface MoneyValue {
  amount: string;
  currency: string;
}

type Moment = string | number | Date;

/** `₺1.250` for whole amounts, `₺1.250,50` otherwise; exact for any length, no float in between. */
export function money(value: MoneyValue, locale: Locale, digits: "auto" | "full" = "auto"): string {
  return new Intl.NumberFormat(INTL_TAG[locale], {
    style: "currency",
    currency: value.currency,
    trailingZeroDisplay: digits === "auto" ? "stripIfInteger" : "auto",
  }).format(value.amount as unknown as number);
}

/** Multiplies without floats, for a preview before the server has priced the order. */
export function timesMoney(value: MoneyValue, quantity: number): MoneyValue {
  const [whole = "0", fraction = ""] = value.amount.split(".");
  const minor = BigInt(whole + fraction) * BigInt(quantity);
  if (fraction.length === 0) return { ...value, amount: minor.toString() };
  const sign = minor < 0n ? "-" : "";
  const digits = (minor < 0n ? -minor : minor).toString().padStart(fraction.length + 1, "0");
  const cut = digits.length - fraction.length;
  return { ...value, amount: `${sign}${digits.slice(0, cut)}.${digits.slice(cut)}` };
}

export const isZero = (value: MoneyValue): boolean => Number(value.amount) === 0;

export function date(value: Moment, locale: Locale, timeZone?: string): string {
  return new Intl.DateTimeFormat(INTL_TAG[locale], { dateStyle: "long", timeZone }).format(toDate(value));
}

/** 16.05.2026 – for tables. */
export function shortDate(value: Moment, locale: Locale, timeZone?: string): string {
  return new Intl.DateTimeFormat(INTL_TAG[locale], {
    day: "2-digit",
    month: "2-digit",
    year: "numeric",
    timeZone,
  }).format(toDate(value));
}

export function dateTime(value: Moment, locale: Locale, timeZone?: string): string {
  return new Intl.DateTimeFormat(INTL_TAG[locale], {
    dateStyle: "medium",
    timeStyle: "short",
    timeZone,
  }).format(toDate(value));
}

export function time(value: Moment, locale: Locale, timeZone?: string): string {
  return new Intl.DateTimeFormat(INTL_TAG[locale], { timeStyle: "short", timeZone }).format(toDate(value));
}

/** Whole percent: `%62` in Turkish, `62%` in English. */
export function percent(value: number, locale: Locale): string {
  return new Intl.NumberFormat(INTL_TAG[locale], { style: "percent" }).format(value / 100);
}

export function number(value: number, locale: Locale): string {
  return new Intl.NumberFormat(INTL_TAG[locale]).format(value);
}

/** A bare day ("2026-05-27") has no zone: noon keeps it the same day everywhere. */
function toDate(value: Moment): Date {
  if (typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value)) return new Date(`${value}T12:00:00`);
  return new Date(value);
}
