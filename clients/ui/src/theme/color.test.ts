import { describe, expect, test } from "vitest";
import { contrast, hexOf, oklchOf, ramp } from "./color";
import { makeTheme } from "./theme";

const HUES = Array.from({ length: 36 }, (_, i) => i * 10);

test("a colour survives the way there and back", () => {
  for (const hex of ["#1f5f57", "#b4232a", "#f5b301", "#123456", "#ffffff", "#000000"]) {
    expect(hexOf(oklchOf(hex) as never)).toBe(hex);
  }
});

test("short and wrong colours", () => {
  expect(oklchOf("#fff")?.l).toBeCloseTo(1, 3);
  expect(oklchOf("red")).toBeNull();
  expect(oklchOf("")).toBeNull();
});

describe("every hue keeps WCAG AA", () => {
  test.each(HUES)("hue %i: white on filled, filled on white and on its own tint", (hue) => {
    const scale = ramp(hue, 0.15);
    expect(contrast("#ffffff", scale[7])).toBeGreaterThan(5.5);
    expect(contrast(scale[7], scale[1])).toBeGreaterThan(4.5);
    expect(contrast(scale[8], scale[0])).toBeGreaterThan(4.5);
  });
});

test("an institution's wrong colour gives the product's own look", () => {
  expect(makeTheme("javascript:alert(1)").colors?.brand).toEqual(makeTheme(undefined).colors?.brand);
});
