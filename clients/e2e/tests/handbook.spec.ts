import { fileURLToPath } from "node:url";
import { expect, type Page, test } from "@playwright/test";
import { expectAccessibleInEveryLook } from "../support/axe";

/** As it is read: from the disk, where the bundle was unpacked. bin/_documents builds it. */
const HANDBOOK = new URL("../../../var/handbook/", import.meta.url);
const PAGES = [
  "tr/index.html",
  "en/install.html",
  "tr/backup.html",
  "en/settings.html",
  "tr/messages.html",
  "en/adr/0023-secrets-have-two-values-while-they-change.html",
];
const PHONE = { width: 390, height: 844 };
const at = (page: string): string => fileURLToPath(new URL(page, HANDBOOK));

/** What is wider than its place can be reached by key; that is seen to after each change of the size. */
const expectReachable = (page: Page): Promise<void> =>
  expect
    .poll(() =>
      page.evaluate(
        () =>
          [...document.querySelectorAll<HTMLElement>("article pre, article .table-wrapper")].filter(
            (place) => place.scrollWidth > place.clientWidth !== (place.tabIndex === 0),
          ).length,
      ),
    )
    .toBe(0);

test("the handbook's pages", async ({ page }) => {
  for (const name of PAGES)
    await test.step(name, async () => {
      await page.goto(`file://${at(name)}`);
      await expectAccessibleInEveryLook(page, expectReachable);
    });
});

test("the handbook by key, on a phone", async ({ page }) => {
  await page.setViewportSize(PHONE);
  await page.goto(`file://${at("tr/backup.html")}`);
  expect(await page.content()).not.toMatch(
    /Toggle |Skip to|Back to top|On this page|>Next<|>Previous<|Made with/,
  );
  const pages = page.getByRole("link", { name: "Yükseltme ve geri dönüş" });
  await expect(pages).toBeHidden();
  await page.getByRole("button", { name: "Sayfa menüsünü aç ya da kapat" }).press("Enter");
  await expect(pages).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(pages).toBeHidden();
  await expect(page.getByRole("button", { name: "Sayfa menüsünü aç ya da kapat" })).toBeFocused();
});

test("nothing of the handbook is out of sight on a phone", async ({ page }) => {
  await page.setViewportSize(PHONE);
  await page.goto(`file://${at("en/security.html")}`);
  const wide = await page
    .locator("article pre, article .table-wrapper")
    .evaluateAll((places) => places.filter((place) => place.scrollWidth > place.clientWidth).length);
  expect(wide).toBe(0);
  // A row stands by itself, and is a row of a table all the same; what a cell is about is read with it.
  const open = page.getByRole("table").first();
  await expect(open.getByRole("columnheader", { name: "who answers" })).toHaveCount(1);
  const answers = open.getByRole("row", { name: "443" }).getByRole("cell").last();
  await expect(answers).toHaveAttribute("data-column", "who answers");
  await expect(answers).toBeInViewport();
});

test("the handbook is searched without a server", async ({ page }) => {
  await page.goto(`file://${at("tr/index.html")}`);
  await page.getByRole("textbox", { name: "Ara" }).fill("kurtarma kiti");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Ara" })).toBeVisible();
  await expect(page.locator("#search-results").getByRole("link").first()).toBeVisible();
  await expectAccessibleInEveryLook(page, expectReachable);
});
