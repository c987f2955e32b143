import { expect, test } from "@playwright/test";
import { expectAccessibleInEveryLook } from "../support/axe";
import { CAMPAIGN, CARDS, payWithCard } from "../support/giving";
import { unique } from "../support/people";
import { vakif } from "../support/system";

test.use({ locale: "en-GB", viewport: { width: 390, height: 844 } });

test("a donor who reads English gives a share on a phone", async ({ page }) => {
  test.setTimeout(90_000);
  const donor = unique("Ayse Yilmaz");
  await page.goto(`${vakif}/campaigns/${CAMPAIGN}`);
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page
    .getByRole("link", { name: /Choose shares/ })
    .first()
    .click();
  await expect(
    page.getByRole("heading", { level: 1, name: "How many shares shall we set aside?" }),
  ).toBeVisible();
  await page.getByRole("radio", { name: "1 share", exact: true }).check({ force: true });
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByLabel("Full name").fill("Mehmet Şükrü Ağaoğlu");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("checkbox").check();
  await expectAccessibleInEveryLook(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByLabel("Full name").fill(donor);
  await page.getByLabel("E-mail").fill(`donor-${Date.now()}@example.org`);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Check and pay" })).toBeVisible();
  await expect(page.getByText("Test payment")).toBeVisible();
  await page.getByRole("button", { name: /^Pay / }).click();
  await payWithCard(page, CARDS.good);

  await page.waitForURL(/\/orders\//);
  await expect(page.getByRole("heading", { level: 1, name: "Your certificate is ready" })).toBeVisible({
    timeout: 60_000,
  });
  await page.getByRole("link", { name: "Verification page" }).click();
  await expect(page.getByRole("heading", { name: "This certificate is valid" })).toBeVisible();
});
