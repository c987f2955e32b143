import { expect, test } from "@playwright/test";
import { signIn } from "../support/people";
import { vakif } from "../support/system";

test("an unknown code gets its own clear answer", async ({ page }) => {
  await page.goto(`${vakif}/verify`);
  await page.getByLabel("Belge kodu").fill("7kq2 m9xt 4hva");
  await page.getByRole("button", { name: "Doğrula" }).click();
  await expect(page.getByRole("heading", { name: "Böyle bir belge bulunamadı" })).toBeVisible();
});

test("the panel is closed to strangers and to donors", async ({ page }) => {
  await page.goto(`${vakif}/admin/orders`);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await signIn(page, vakif, "vakif", "DONOR");
  await page.goto(`${vakif}/admin/orders`);
  await expect(page.getByRole("heading", { level: 1, name: "Bu sayfayı görme yetkiniz yok" })).toBeVisible();
});

test("keyboard alone reaches the content, the menu and a campaign", async ({ page }) => {
  await page.goto(vakif);
  await expect(page.getByRole("main").getByRole("article").first()).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "İçeriğe geç" })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("main").getByRole("article").first().getByRole("link")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  await expect(page).toHaveURL(/\/campaigns\//);
});

test("language and appearance change in place and stay", async ({ page }) => {
  await page.goto(vakif);
  await page.getByRole("button", { name: /Dil:/ }).click();
  await page.getByRole("menuitem", { name: "English" }).click();
  await expect(page.getByRole("link", { name: "Verify a certificate" }).first()).toBeVisible();
  await page.getByRole("button", { name: "Appearance" }).click();
  await page.getByRole("menuitem", { name: "Dark" }).click();
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
});
