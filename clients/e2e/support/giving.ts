import { expect, type Page } from "@playwright/test";
import { vakif } from "./system";

export const CAMPAIGN = "kurban-bayrami-cad";

/** From the campaign to the contact step with these names; `look` is called on each step that was filled in. */
export async function chooseAndName(
  page: Page,
  names: string[],
  look: (page: Page) => Promise<void> = async () => {},
): Promise<void> {
  await page.goto(`${vakif}/campaigns/${CAMPAIGN}`);
  await page
    .getByRole("link", { name: /Hisse seç/ })
    .first()
    .click();
  await expect(page.getByRole("heading", { level: 1, name: "Kaç hisse ayıralım?" })).toBeVisible();
  await page.getByRole("radio", { name: `${names.length} hisse`, exact: true }).check({ force: true });
  await page.getByRole("button", { name: "Devam et" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Kimin adına?" })).toBeVisible();
  for (const [i, name] of names.entries()) await page.getByLabel("Ad soyad").nth(i).fill(name);
  await look(page);
  await page.getByRole("button", { name: "Devam et" }).click();
  await page.getByRole("checkbox").check();
  await look(page);
  await page.getByRole("button", { name: "Devam et" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Size nasıl ulaşalım?" })).toBeVisible();
  await expect(page.getByLabel("E-posta")).toBeVisible();
  await look(page);
}

export async function continueAsGuest(page: Page, name: string, email: string): Promise<void> {
  await page.getByLabel("Ad soyad").fill(name);
  await page.getByLabel("E-posta").fill(email);
  await page.getByRole("button", { name: "Devam et" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Kontrol ediniz ve ödeyiniz" })).toBeVisible();
}

/** Numbers of the test provider's cards. */
export const CARDS = { good: "5528790000000008", poor: "4111111111111129" } as const;

/** Fills the provider's hosted page and sends it. */
export async function payWithCard(page: Page, card: string): Promise<void> {
  await page.locator("#number").waitFor();
  await page.locator("input[name=holder]").fill("Test Kart");
  await page.locator("#number").fill(card);
  await page.locator("#cvc").fill("123");
  await page.locator("#go").click();
}
