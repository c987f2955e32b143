import * as f from "@belgenet/i18n";
import { useLocale } from "@belgenet/i18n";
import { createContext, type ReactNode, use, useMemo } from "react";

const Zone = createContext<string | undefined>(undefined);

/** Time zone of the institution; dates below are shown in it. */
export const TimeZoneProvider = Zone.Provider;

/** Formatting functions bound to the screen's language and the institution's zone. */
export function useFormat() {
  const locale = useLocale();
  const zone = use(Zone);
  return useMemo(
    () => ({
      locale,
      money: (v: f.MoneyValue, digits?: "auto" | "full") => f.money(v, locale, digits),
      date: (v: string) => f.date(v, locale, zone),
      shortDate: (v: string) => f.shortDate(v, locale, zone),
      dateTime: (v: string) => f.dateTime(v, locale, zone),
      time: (v: string) => f.time(v, locale, zone),
      percent: (v: number) => f.percent(v, locale),
      number: (v: number) => f.number(v, locale),
    }),
    [locale, zone],
  );
}

export function Money({ value, full }: { value: f.MoneyValue; full?: boolean }) {
  return <span className="bn-numbers">{useFormat().money(value, full ? "full" : "auto")}</span>;
}

/** A moment in the institution's zone; UTC in the tooltip. */
export function DateTime({
  value,
  kind = "dateTime",
}: {
  value: string;
  kind?: "dateTime" | "date" | "shortDate" | "time";
}): ReactNode {
  const format = useFormat();
  return (
    <time
      dateTime={value}
      title={kind === "date" || kind === "shortDate" ? undefined : value.replace("T", " ")}
      className="bn-numbers"
    >
      {format[kind](value)}
    </time>
  );
}
