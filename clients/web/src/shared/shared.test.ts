import { describe, expect, test, vi } from "vitest";
import { navFor } from "@/features/admin/nav";
import { readAmount, writeAmount } from "@/features/admin/shared/amount";
import { safeNext } from "@/features/auth/next";
import { emptyDraft, furthestStep } from "@/features/giving/checkout/draft";
import { readCode } from "@/features/verify/code";
import { readStatement } from "@/features/verify/qrSignature";
import { leaveTo } from "./leave";
import { isPhone, normalisePhone } from "./phone";
import { pick, tagline } from "./texts";

describe("phone numbers", () => {
  test.each([
    ["0532 000 00 00", "+905320000000"],
    ["532-000-0000", "+905320000000"],
    ["+49 (30) 123456", "+4930123456"],
    ["0049 30 123456", "+4930123456"],
    ["", undefined],
  ])("%s → %s", (raw, e164) => {
    expect(normalisePhone(raw)).toBe(e164);
    expect(isPhone(raw)).toBe(true);
  });
  test("nonsense is refused", () => expect(isPhone("12")).toBe(false));
});

describe("amounts as people type them", () => {
  test.each([
    ["1250", "1250.00"],
    ["1250,5", "1250.50"],
    ["1.250,50", "1250.50"],
    ["1,250.50", "1250.50"],
    ["₺ 12.500", "12500.00"],
    ["1250.5", "1250.50"],
    ["abc", null],
    ["1.2.3", null],
    ["-5", null],
    ["1,234,5", null],
  ])("%s → %s", (text, amount) => expect(readAmount(text)).toBe(amount));
  test("back into an input", () =>
    expect([writeAmount("890.00"), writeAmount("1.50"), writeAmount(undefined)]).toEqual([
      "890",
      "1.50",
      "",
    ]));
});

describe("certificate codes", () => {
  test.each([
    [" 7kq2-m9xt-4hva ", "7KQ2-M9XT-4HVA"],
    ["7KQ2 – M9XT – 4HVA", "7KQ2-M9XT-4HVA"],
    ["https://vakif.example.org/verify/7KQ2-M9XT#1.abc", "7KQ2-M9XT"],
    ["", ""],
  ])("%s → %s", (raw, code) => expect(readCode(raw)).toBe(code));

  test("a QR code's statement names the signed bytes", () => {
    const hash = `#1.${"a".repeat(12)}.HV-1.20261120.${"A".repeat(16)}.${"B".repeat(16)}.${"C".repeat(86)}`;
    const statement = readStatement("7KQ2-M9XT", hash);
    expect(new TextDecoder().decode(statement?.message)).toBe(
      `belgenet-qr|7KQ2-M9XT|1|${"a".repeat(12)}|HV-1|20261120|${"A".repeat(16)}|${"B".repeat(16)}`,
    );
    expect(statement?.signature).toHaveLength(64);
    expect(readStatement("7KQ2-M9XT", "#top")).toBeNull();
  });
});

describe("where a sign-in may lead", () => {
  test.each([
    ["/orders/1?x=1", "/orders/1?x=1"],
    ["//evil.example", "/"],
    ["https://evil.example", "/"],
    ["/\\evil.example", "/"],
    [null, "/"],
  ])("%s → %s", (raw, path) => expect(safeNext(raw)).toBe(path));
});

test("the payment page must be a web page", () => {
  vi.stubGlobal("location", { href: "http://localhost/", assign: vi.fn() });
  expect(() => leaveTo("javascript:alert(1)")).toThrow();
  vi.unstubAllGlobals();
});

test("nobody jumps past an unfinished step", () => {
  const draft = { ...emptyDraft(), optionId: "o", quantity: 1 };
  const named = { ...draft, participants: [{ full_name: "Ayşe", intention: "vacip" }] };
  const accepted = { ...named, accepted: { text_id: "t", sha256: "new" } };
  expect(furthestStep(emptyDraft(), "new", true)).toBe("choose");
  expect(furthestStep(draft, "new", true)).toBe("names");
  expect(furthestStep(named, "new", true)).toBe("consent");
  expect(furthestStep({ ...accepted, accepted: { text_id: "t", sha256: "old" } }, "new", true)).toBe(
    "consent",
  );
  expect(furthestStep(accepted, "new", false)).toBe("contact");
  expect(furthestStep(accepted, "new", true)).toBe("review");
});

test("texts fall back to the language that exists", () => {
  expect([pick({ tr: "a", en: "b" }, "en"), pick({ tr: "a" }, "en"), pick(null, "tr")]).toEqual([
    "b",
    "a",
    "",
  ]);
  expect(tagline("plain", "en")).toBe("plain");
});

test("the panel's menu follows permissions and the kind of institution", () => {
  const all = navFor("charity", ["dashboard:read", "campaign:manage", "course:manage"]).map((e) => e.label);
  expect(all).toEqual(["dashboard", "campaigns", "consents"]);
  expect(navFor("academy", ["course:manage"]).map((e) => e.label)).toEqual(["courses"]);
});
