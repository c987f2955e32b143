import {
  type CSSVariablesResolver,
  createTheme,
  type MantineColorsTuple,
  type MantineThemeOverride,
} from "@mantine/core";
import { hexOf, oklchOf, type Ramp, ramp } from "./color";

export const DEFAULT_BRAND = "#1f5f57";

/** Filled controls use this shade in both schemes: white on it is at least 6:1 for every hue. */
const SHADE = 7;

function neutrals(hue: number): { gray: Ramp; dark: Ramp } {
  const make = (lightness: number[], chroma: number): Ramp =>
    lightness.map((l) => hexOf({ l, c: chroma, h: hue })) as Ramp;
  return {
    gray: make([0.985, 0.968, 0.94, 0.905, 0.855, 0.74, 0.56, 0.46, 0.36, 0.26], 0.006),
    dark: make([0.94, 0.86, 0.76, 0.62, 0.4, 0.335, 0.275, 0.225, 0.19, 0.155], 0.009),
  };
}

const FONT = "'Hanken Grotesk Variable', system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif";

/** The institution's look from its one colour. An unusable colour falls back to the product's own. */
export function makeTheme(brand: string | undefined): MantineThemeOverride {
  const base = oklchOf(brand ?? "") ?? oklchOf(DEFAULT_BRAND) ?? { l: 0.45, c: 0.08, h: 180 };
  const colour = (hue: number, chroma: number): MantineColorsTuple => ramp(hue, chroma);
  return createTheme({
    primaryColor: "brand",
    primaryShade: { light: SHADE, dark: SHADE },
    colors: {
      ...neutrals(base.h),
      brand: colour(base.h, Math.min(base.c, 0.16)),
      green: colour(155, 0.12),
      yellow: colour(75, 0.12),
      red: colour(25, 0.17),
      blue: colour(250, 0.13),
    },
    white: "#ffffff",
    black: hexOf({ l: 0.21, c: 0.01, h: base.h }),
    fontFamily: FONT,
    headings: {
      fontFamily: FONT,
      fontWeight: "640",
      sizes: {
        h1: { fontSize: "clamp(1.75rem, 1.3rem + 1.6vw, 2.5rem)", lineHeight: "1.15" },
        h2: { fontSize: "1.5rem", lineHeight: "1.25" },
        h3: { fontSize: "1.1875rem", lineHeight: "1.35" },
        h4: { fontSize: "1.0625rem", lineHeight: "1.4" },
      },
    },
    fontSizes: { xs: "0.8125rem", sm: "0.9063rem", md: "1rem", lg: "1.125rem", xl: "1.3125rem" },
    lineHeights: { xs: "1.45", sm: "1.5", md: "1.6", lg: "1.6", xl: "1.5" },
    defaultRadius: "md",
    radius: { xs: "4px", sm: "6px", md: "10px", lg: "16px", xl: "24px" },
    spacing: { xs: "0.625rem", sm: "0.875rem", md: "1.25rem", lg: "1.75rem", xl: "2.5rem" },
    cursorType: "pointer",
    focusRing: "auto",
    respectReducedMotion: true,
    components: {
      Button: { defaultProps: { size: "md" }, styles: { root: { fontWeight: 600 } } },
      TextInput: { defaultProps: { size: "md" } },
      PasswordInput: { defaultProps: { size: "md" } },
      Textarea: { defaultProps: { size: "md" } },
      NumberInput: { defaultProps: { size: "md" } },
      Select: { defaultProps: { size: "md", allowDeselect: false, checkIconPosition: "right" } },
      NativeSelect: { defaultProps: { size: "md" } },
      Badge: {
        defaultProps: { variant: "light", radius: "sm", size: "lg" },
        styles: { root: { textTransform: "none", fontWeight: 600, letterSpacing: 0 } },
      },
      Modal: {
        styles: {
          title: { fontSize: "1.1875rem", fontWeight: 640 },
          content: { background: "var(--bn-surface)" },
          header: { background: "var(--bn-surface)" },
        },

        defaultProps: {
          centered: true,
          radius: "lg",
          overlayProps: { backgroundOpacity: 0.45, blur: 2 },
          // A dialog's <header> would count as a second banner of the page.
          attributes: { header: { role: "presentation" } },
        },
      },
      Accordion: {
        styles: { item: { background: "var(--bn-surface)", border: "1px solid var(--bn-line)" } },
      },
      Anchor: { defaultProps: { underline: "hover" } },
      Notification: { defaultProps: { radius: "md" } },
    },
  });
}

const TONES = ["brand", "green", "yellow", "red", "blue", "gray"] as const;

/** Tinted badges, buttons and notices: readable text on a quiet tint in both schemes. */
function tints(at: (name: string, i: number) => string): {
  light: Record<string, string>;
  dark: Record<string, string>;
} {
  const light: Record<string, string> = {};
  const dark: Record<string, string> = {};
  for (const name of TONES) {
    const hue = oklchOf(at(name, SHADE)) ?? { l: 0, c: 0, h: 0 };
    const chroma = Math.min(hue.c, 0.05);
    light[`--mantine-color-${name}-light-color`] = at(name, 8);
    dark[`--mantine-color-${name}-light`] = hexOf({ l: 0.28, c: chroma, h: hue.h });
    dark[`--mantine-color-${name}-light-hover`] = hexOf({ l: 0.32, c: chroma, h: hue.h });
    dark[`--mantine-color-${name}-light-color`] = name === "gray" ? at("dark", 1) : at(name, 3);
    dark[`--mantine-color-${name}-outline`] = at(name, 3);
  }
  return { light, dark };
}

/** Mantine's defaults miss WCAG AA for dimmed, placeholder and error text; surfaces are ours. */
export const cssVariables: CSSVariablesResolver = (theme) => {
  const at = (name: string, i: number): string => theme.colors[name]?.[i] ?? "";
  const tint = tints(at);
  return {
    variables: {},
    light: {
      ...tint.light,
      "--mantine-color-body": at("gray", 0),
      "--mantine-color-dimmed": at("gray", 7),
      "--mantine-color-placeholder": at("gray", 6),
      "--mantine-color-error": at("red", SHADE),
      "--mantine-color-anchor": at("brand", SHADE),
      "--mantine-color-default-border": at("gray", 4),
      "--bn-surface": "#ffffff",
      "--bn-sunken": at("gray", 1),
      "--bn-line": at("gray", 3),
      "--bn-tint": at("brand", 0),
      "--bn-tint-line": at("brand", 2),
      "--bn-tint-text": at("brand", 8),
      "--bn-art-a": at("brand", 8),
      "--bn-art-b": at("brand", 7),
      "--bn-art-c": at("brand", 3),
    },
    dark: {
      ...tint.dark,
      "--mantine-color-body": at("dark", 8),
      "--mantine-color-text": at("dark", 0),
      "--mantine-color-dimmed": at("dark", 2),
      "--mantine-color-placeholder": at("dark", 3),
      "--mantine-color-error": at("red", 4),
      "--mantine-color-anchor": at("brand", 3),
      "--mantine-color-default": at("dark", 7),
      "--mantine-color-default-border": at("dark", 4),
      "--bn-surface": at("dark", 7),
      "--bn-sunken": at("dark", 9),
      "--bn-line": at("dark", 5),
      "--bn-tint": hexOf({ ...(oklchOf(at("brand", SHADE)) ?? { c: 0.02, h: 180 }), l: 0.25, c: 0.03 }),
      "--bn-tint-line": hexOf({ ...(oklchOf(at("brand", SHADE)) ?? { c: 0.02, h: 180 }), l: 0.36, c: 0.045 }),
      "--bn-tint-text": at("brand", 2),
      "--bn-art-a": at("brand", 9),
      "--bn-art-b": at("brand", 8),
      "--bn-art-c": at("brand", 4),
    },
  };
};
