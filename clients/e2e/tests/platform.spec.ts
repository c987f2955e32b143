import { expect, test } from "@playwright/test";
import { expectAccessibleInEveryLook } from "../support/axe";
import { signIn } from "../support/people";
import { mailTo, platform } from "../support/system";

test("a platform administrator opens an institution, and suspends and reopens it", async ({ page }) => {
  test.setTimeout(70_000);
  const slug = `okul-${Date.now().toString(36)}`;
  const invited = `mudur-${slug}@example.org`;
  await signIn(page, platform, "", "SUPER_ADMIN");
  await expect(page.getByRole("heading", { level: 1, name: "Kurumlar" })).toBeVisible();
  await page.getByRole("button", { name: "Yeni kurum" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Ad", { exact: false }).first().fill(`Işık Okulları ${slug}`);
  await dialog.getByLabel("Kısa ad", { exact: false }).fill(slug);
  await dialog.getByLabel(/yöneticinin e-postası/i).fill(invited);
  await expectAccessibleInEveryLook(page);
  await dialog.getByRole("button", { name: "Ekle" }).click();
  await expect(dialog).toBeHidden();

  const row = page.getByRole("listitem").filter({ hasText: slug });
  await expect(row).toContainText("Etkin");
  const site = new URL(platform);
  site.hostname = `${slug}.${site.hostname}`;
  await page.goto(site.href);
  await expect(page.getByRole("banner")).toContainText("Işık Okulları");
  expect(await mailTo(invited, /https?:\S+/)).toContain(site.hostname);

  await page.goto(platform);
  await row.getByRole("button", { name: "Durdur" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Durdur" }).click();
  await expect(row).toContainText("Durduruldu");
  // The other processes of the server notice within seconds.
  await expect(async () => {
    await page.goto(site.href);
    await expect(page.getByRole("alert")).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  await page.goto(platform);
  await row.getByRole("button", { name: "Yeniden aç" }).click();
  await expect(row).toContainText("Etkin");
});
