import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/**
 * No violation of WCAG 2.2 A and AA. A colour that equals its background is reported by axe as
 * "incomplete" only, so that finding fails as well. `rules`: only these.
 */
export async function expectAccessible(page: Page, rules: string[] = []): Promise<void> {
  // One evaluation instead of a page of its own for each result; only frames of other sites would need that.
  // Where each rule passed interests nobody, and finding words for those places takes most of the time.
  const axe = new AxeBuilder({ page })
    .setLegacyMode(true)
    .options({ resultTypes: ["violations", "incomplete"] });
  const result = await (rules.length > 0
    ? axe.withRules(rules)
    : axe.withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
  ).analyze();
  const found = result.violations.map(
    (rule) =>
      `${rule.id}: ${rule.nodes.map((node) => `${node.target.join(" ")} ${node.any.map((check) => check.message).join(" ")}`).join(" | ")}`,
  );
  const invisible = result.incomplete
    .flatMap((rule) => rule.nodes)
    .filter((node) =>
      node.any.some((check) => (check.data as { messageKey?: string } | null)?.messageKey === "equalRatio"),
    )
    .map((node) => `equalRatio: ${node.target.join(" ")}`);
  expect([...found, ...invisible]).toEqual([]);
}

/** Nothing sticks out sideways on a phone. */
async function expectNoSidewaysScroll(page: Page): Promise<void> {
  expect(
    await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
  ).toBeLessThanOrEqual(0);
}

interface Look {
  colorScheme: "light" | "dark";
  width: number;
  height: number;
  /** What is looked at; everything when empty. */
  rules: string[];
}
const DARK_PHONE: Look = { colorScheme: "dark", width: 390, height: 844, rules: [] };
const LIGHT_DESK: Look = { colorScheme: "light", width: 1280, height: 860, rules: [] };
// Colours alone tell this one from the others: nothing else on a page depends on the scheme.
const DARK_DESK: Look = { ...LIGHT_DESK, colorScheme: "dark", rules: ["color-contrast"] };

/** The client's page has taken on the look, and shows all it has to show. */
async function expectSettled(page: Page, colorScheme: string): Promise<void> {
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", colorScheme);
  // In every look anew: a table that takes the place of cards may ask for its rows again, and veils them meanwhile.
  await expect(page.locator("main [aria-busy=true], .mantine-datatable-loader-fetching")).toHaveCount(0);
}

/**
 * The page as it stands, dark on a phone and both on a desk: no reload, so a journey can stop and look.
 * `settled` waits until a page of another kind than the client's has taken on the look.
 */
export async function expectAccessibleInEveryLook(page: Page, settled = expectSettled): Promise<void> {
  for (const { colorScheme, width, height, rules } of [DARK_PHONE, DARK_DESK, LIGHT_DESK]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize({ width, height });
    await settled(page, colorScheme);
    await expectAccessible(page, rules);
    await expectNoSidewaysScroll(page);
  }
}
