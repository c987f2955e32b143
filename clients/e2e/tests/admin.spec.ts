import { expect, test } from "@playwright/test";
import { expectAccessibleInEveryLook } from "../support/axe";
import { CARDS, chooseAndName, continueAsGuest, payWithCard } from "../support/giving";
import { signIn, unique } from "../support/people";
import { vakif } from "../support/system";

test("an administrator finds an order and refunds it; its certificate then says revoked", async ({
  page,
  browser,
}) => {
  test.setTimeout(180_000);
  const donor = unique("Zeynep İade");
  await chooseAndName(page, [donor]);
  await continueAsGuest(page, donor, `iade-${Date.now()}@example.org`);
  await page.getByRole("button", { name: /öde$/ }).click();
  await payWithCard(page, CARDS.good);
  await page.waitForURL(/\/orders\//);
  await expect(page.getByRole("heading", { level: 1, name: "Belgeniz hazır" })).toBeVisible({
    timeout: 60_000,
  });
  const verify = await page.getByRole("link", { name: "Doğrulama sayfası" }).getAttribute("href");

  const office = await (await browser.newContext({ locale: "tr-TR", serviceWorkers: "block" })).newPage();
  await signIn(office, vakif, "vakif", "TENANT_ADMIN", "/admin/orders");
  await office.getByLabel("Ara").fill(donor);
  await expect(office).toHaveURL(/[?]q=/);
  await expect(office.getByText("1 kayıt gösteriliyor")).toBeVisible();
  await office
    .getByRole("row", { name: new RegExp(donor) })
    .getByRole("link")
    .click();
  await expect(office).toHaveURL(/\/admin\/orders\/[0-9a-f-]{36}/);
  await expect(office.getByRole("heading", { name: "Muhasebe kayıtları" })).toBeVisible();
  await expectAccessibleInEveryLook(office);
  await office.getByRole("button", { name: "İade et" }).first().click();
  const dialog = office.getByRole("dialog");
  await dialog.getByLabel("Gerekçe").fill("Bağışçının isteği");
  await dialog.getByRole("button", { name: "İade et" }).click();
  await expect(dialog).toBeHidden();
  await expect(office.getByText("İade edildi").first()).toBeVisible({ timeout: 60_000 });
  await office.close();

  await expect(async () => {
    await page.goto(new URL(verify ?? "", vakif).href);
    await expect(page.getByRole("heading", { name: "Bu belge iptal edilmiştir" })).toBeVisible({
      timeout: 3_000,
    });
  }).toPass({ timeout: 60_000 });
  await expectAccessibleInEveryLook(page);
});

test("a changed price is what the next donor sees", async ({ page }) => {
  await signIn(page, vakif, "vakif", "TENANT_ADMIN", "/admin/campaigns");
  await page.getByRole("link", { name: /Adak/ }).click();
  await expect(page.getByRole("heading", { level: 3 }).first()).toBeVisible();
  await expectAccessibleInEveryLook(page);
  await page
    .getByRole("button", { name: /: Düzenle$/ })
    .first()
    .click();
  const price = page.getByRole("dialog").getByLabel(/Fiyat/);
  const amount = String(7000 + Math.floor(Math.random() * 900));
  await price.fill(amount);
  await page.getByRole("dialog").getByRole("button", { name: "Kaydet" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.getByRole("link", { name: "Sayfayı gör" }).click();
  await expect(page.getByText(`₺${amount.replace(/(\d)(\d{3})$/, "$1.$2")}`).first()).toBeVisible();
});

test("the panel opens every page of its menu", async ({ page }) => {
  await signIn(page, vakif, "vakif", "TENANT_ADMIN", "/admin");
  const menu = page.getByRole("navigation", { name: "Yönetim menüsü" }).getByRole("link");
  await expect(menu.first()).toBeVisible();
  const names = (await menu.allTextContents()).slice(0, -1);
  expect(names.length).toBeGreaterThan(8);
  for (const name of names) {
    await menu.filter({ hasText: name }).first().click();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.getByText("Bir sorun oluştu")).toBeHidden();
  }
});
