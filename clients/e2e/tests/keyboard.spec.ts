import { expect, type Locator, type Page, test } from "@playwright/test";
import { CAMPAIGN } from "../support/giving";
import { unique } from "../support/people";
import { vakif } from "../support/system";

/** Presses Tab until the element has the focus, as somebody without a mouse would. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeAttached();
  for (let presses = 0; presses < 60; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab never reached ${target}`);
}

async function press(page: Page, target: Locator, key: "Enter" | "Space"): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

test("a donor without a mouse gets from the campaign to the card page", async ({ page }) => {
  const on = page.getByRole("button", { name: "Devam et" });
  const step = (name: string) => expect(page.getByRole("heading", { level: 1, name })).toBeFocused();
  await page.goto(`${vakif}/campaigns/${CAMPAIGN}`);
  await press(page, page.getByRole("link", { name: /Hisse seç/ }).first(), "Enter");

  await step("Kaç hisse ayıralım?");
  await tabTo(page, page.getByRole("radio", { name: "1 hisse", exact: true }));
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("radio", { name: "2 hisse", exact: true })).toBeChecked();
  await press(page, on, "Enter");

  await step("Kimin adına?");
  for (const [i, name] of ["Gülşen Ağaç", "İsmail Öz"].entries()) {
    await tabTo(page, page.getByLabel("Ad soyad").nth(i));
    await page.keyboard.type(name);
  }
  await press(page, on, "Enter");

  await step("Vekâletinizi veriniz");
  await press(page, page.getByRole("checkbox"), "Space");
  await press(page, on, "Enter");

  await step("Size nasıl ulaşalım?");
  await tabTo(page, page.getByLabel("Ad soyad"));
  await page.keyboard.type(unique("Gülşen Ağaç"));
  await tabTo(page, page.getByLabel("E-posta"));
  await page.keyboard.type(`tus-${Date.now()}@example.org`);
  await page.keyboard.press("Enter");

  await step("Kontrol ediniz ve ödeyiniz");
  await tabTo(page, page.getByRole("radio", { name: /iyzico/ }));
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("radio", { name: /Stripe/ })).toBeChecked();
  await press(page, page.getByRole("button", { name: /öde$/ }), "Enter");
  await expect(page.locator("#number")).toBeVisible();
});
