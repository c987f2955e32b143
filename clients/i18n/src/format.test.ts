import { describe, expect, test } from "vitest";
import { date, dateTime, isZero, matchLocale, money, percent, shortDate, timesMoney } from ".";

const plain = (s: string): string => s.replace(/\s/g, " ");

describe("money", () => {
  test("drops zero cents but keeps real ones", () => {
    expect(money({ amount: "12500.00", currency: "TRY" }, "tr")).toBe("₺12.500");
    expect(money({ amount: "12500.50", currency: "TRY" }, "tr")).toBe("₺12.500,50");
    expect(money({ amount: "12500.00", currency: "TRY" }, "tr", "full")).toBe("₺12.500,00");
  });
  test("is exact beyond the range of floats", () => {
    expect(money({ amount: "9007199254740993.17", currency: "EUR" }, "en")).toBe("€9,007,199,254,740,993.17");
  });
  test.each([
    ["18500.00", 7, "129500.00"],
    ["0.10", 3, "0.30"],
    ["-1.05", 2, "-2.10"],
    ["12", 2, "24"],
  ])("%s x %i = %s", (amount, quantity, expected) => {
    expect(timesMoney({ amount, currency: "TRY" }, quantity).amount).toBe(expected);
  });
  test("knows zero", () => {
    expect(isZero({ amount: "0.00", currency: "TRY" })).toBe(true);
    expect(isZero({ amount: "0.01", currency: "TRY" })).toBe(false);
  });
});

describe("dates", () => {
  test("a day without a time stays that day in every zone", () => {
    expect(date("2026-05-27", "tr")).toBe("27 Mayıs 2026");
    expect(shortDate("2026-05-27", "en")).toBe("27/05/2026");
  });
  test("a moment is shown in the tenant's zone", () => {
    expect(plain(dateTime("2026-05-26T22:30:00Z", "tr", "Europe/Istanbul"))).toContain("27 May 2026");
  });
});

test("percent follows the language", () => {
  expect(percent(62, "tr")).toBe("%62");
  expect(percent(62, "en")).toBe("62%");
});

test("the reader's languages are matched in order", () => {
  expect(matchLocale([null, "de-DE", "en-US", "tr"])).toBe("en");
  expect(matchLocale(["fr"])).toBe("tr");
});
