/**
 * Colour scales computed in OKLCH (Björn Ottosson, 2020), so that every shade has the same perceived
 * lightness whatever colour an institution chooses: contrast is a property of the scale, not of luck.
 */
export interface Oklch {
  l: number;
  c: number;
  h: number;
}

const toLinear = (v: number): number => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const toGamma = (v: number): number => (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055);

function parseHex(hex: string): [number, number, number] | null {
  const m = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(hex.trim());
  if (!m?.[1]) return null;
  const full = m[1].length === 3 ? [...m[1]].map((x) => x + x).join("") : m[1];
  const at = (i: number): number => Number.parseInt(full.slice(i, i + 2), 16) / 255;
  return [at(0), at(2), at(4)];
}

/** OKLCH of `#rrggbb`; null when it is no colour. Hue in degrees. */
export function oklchOf(hex: string): Oklch | null {
  const rgb = parseHex(hex);
  if (!rgb) return null;
  const [r, g, b] = rgb.map(toLinear) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const A = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const B = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  const L = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
  return { l: L, c: Math.hypot(A, B), h: ((Math.atan2(B, A) * 180) / Math.PI + 360) % 360 };
}

function linearRgb({ l, c, h }: Oklch): [number, number, number] {
  const a = c * Math.cos((h * Math.PI) / 180);
  const b = c * Math.sin((h * Math.PI) / 180);
  const L = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const M = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const S = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * L - 3.3077115913 * M + 0.2309699292 * S,
    -1.2684380046 * L + 2.6097574011 * M - 0.3413193965 * S,
    -0.0041960863 * L - 0.7034186147 * M + 1.707614701 * S,
  ];
}

/** `#rrggbb`; chroma is reduced until the colour exists in sRGB. */
export function hexOf(colour: Oklch): string {
  let { c } = colour;
  let rgb = linearRgb(colour);
  while (c > 0 && rgb.some((v) => v < -0.0005 || v > 1.0005)) {
    c = Math.max(0, c - 0.004);
    rgb = linearRgb({ ...colour, c });
  }
  const two = (v: number): string =>
    Math.round(Math.min(1, Math.max(0, toGamma(Math.min(1, Math.max(0, v))))) * 255)
      .toString(16)
      .padStart(2, "0");
  return `#${rgb.map(two).join("")}`;
}

/** WCAG 2 contrast ratio of two `#rrggbb` colours, 1 to 21. */
export function contrast(a: string, b: string): number {
  const luminance = (hex: string): number => {
    const [r, g, bl] = (parseHex(hex) ?? [0, 0, 0]).map(toLinear) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * bl;
  };
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (hi + 0.05) / (lo + 0.05);
}

export type Ramp = [string, string, string, string, string, string, string, string, string, string];

const LIGHTNESS = [0.974, 0.945, 0.895, 0.82, 0.735, 0.64, 0.55, 0.465, 0.4, 0.33];
/** Tints lose chroma, or pale backgrounds look sweet. */
const CHROMA = [0.14, 0.26, 0.45, 0.7, 0.9, 1, 1, 0.95, 0.85, 0.72];

export function ramp(hue: number, chroma: number): Ramp {
  return LIGHTNESS.map((l, i) => hexOf({ l, c: chroma * (CHROMA[i] ?? 1), h: hue })) as Ramp;
}
