import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/**
 * No violation of WCAG 2.2 A and AA. A colour that equals its background is reported by axe as
 * "incomplete" only, so that finding fails as well.
 */
export async function expectAccessible(page: Page): Promise<void> {
  const result = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
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
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  expect(
    await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
  ).toBeLessThanOrEqual(0);
}
