import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { expectAccessibleInEveryLook } from "../support/axe";
import { CARDS, chooseAndName, continueAsGuest, payWithCard } from "../support/giving";
import { unique } from "../support/people";
import { mailTo, vakif } from "../support/system";

test("a guest gives two shares and holds the certificate within seconds", async ({ page }) => {
  test.setTimeout(180_000);
  const donor = unique("Ayşe Yılmaz");
  await chooseAndName(
    page,
    ["Mehmet Şükrü Ağaoğlu", "Merhume Fatma İpekçioğlu"],
    expectAccessibleInEveryLook,
  );
  await continueAsGuest(page, donor, `bagisci-${Date.now()}@example.org`);
  await expectAccessibleInEveryLook(page);
  await page.getByRole("button", { name: /öde$/ }).click();
  await payWithCard(page, CARDS.good);

  await page.waitForURL(/\/orders\//);
  await expect(page.getByRole("heading", { level: 1, name: "Belgeniz hazır" })).toBeVisible({
    timeout: 60_000,
  });
  await expect(page.getByText("Ödemeniz onaylandı")).toBeVisible();
  await expect(page.getByText("Merhume Fatma İpekçioğlu")).toBeVisible();

  await page.reload();
  await expect(page.getByRole("heading", { level: 1, name: "Belgeniz hazır" })).toBeVisible();
  await expectAccessibleInEveryLook(page);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: /Belgeyi indir/ }).click(),
  ]);
  expect(
    readFileSync(await download.path())
      .subarray(0, 5)
      .toString(),
  ).toBe("%PDF-");

  await page.getByRole("link", { name: "Doğrulama sayfası" }).click();
  await expect(page.getByRole("heading", { name: "Bu belge geçerlidir" })).toBeVisible();
  await expect(page.getByText("Merhume Fatma İpekçioğlu")).toBeHidden();
  await expectAccessibleInEveryLook(page);
});

test("who opens an account in the checkout pays at once and finds the order in it later", async ({
  page,
}) => {
  test.setTimeout(180_000);
  const email = `uye-${Date.now()}@example.org`;
  const password = "deniz-kenarinda-bir-ev";
  await chooseAndName(page, ["Şule Çınar"]);
  await page.getByText("Hesap aç", { exact: true }).click();
  await page.getByLabel("Ad soyad").fill("Şule Çınar");
  await page.getByLabel("E-posta").fill(email);
  await page.getByLabel("Parola", { exact: false }).first().fill(password);
  await expectAccessibleInEveryLook(page);
  await page.getByRole("button", { name: "Hesap aç ve devam et" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Kontrol ediniz ve ödeyiniz" })).toBeVisible();
  await expect(page.getByText("Şule Çınar").first()).toBeVisible();
  await page.getByRole("button", { name: /öde$/ }).click();
  await payWithCard(page, CARDS.good);
  await page.waitForURL(/\/orders\//);
  await expect(page.getByRole("heading", { level: 1, name: "Belgeniz hazır" })).toBeVisible({
    timeout: 60_000,
  });
  const order = page.url();

  const link = /https?:\S+\/verify-email\S*/;
  const text = await mailTo(email, link);
  await page.goto(link.exec(text)?.[0] ?? "");
  await page.getByLabel("Parola", { exact: false }).first().fill(password);
  await page.getByRole("main").getByRole("button").last().click();
  await expect(page.getByRole("heading", { name: "E-posta adresiniz doğrulandı" })).toBeVisible();
  await page.goto(`${vakif}/sign-in?next=/me/orders`);
  await page.getByLabel("E-posta").fill(email);
  await page.getByLabel("Parola", { exact: false }).first().fill(password);
  await page.getByRole("main").getByRole("button", { name: "Giriş yap" }).click();
  await page.getByRole("main").getByRole("listitem").first().getByRole("link").click();
  await expect(page).toHaveURL(order);
  await expect(page.getByRole("heading", { level: 1, name: "Belgeniz hazır" })).toBeVisible();
});

test("Stripe works the same way", async ({ page }) => {
  await chooseAndName(page, ["Çağrı Öztürk"]);
  await continueAsGuest(page, unique("Çağrı Öztürk"), `stripe-${Date.now()}@example.org`);
  await page.getByRole("radio", { name: /Stripe/ }).check({ force: true });
  await page.getByRole("button", { name: /öde$/ }).click();
  await payWithCard(page, "4242424242424242");
  await page.waitForURL(/\/orders\//);
  await expect(page.getByRole("heading", { level: 1, name: "Belgeniz hazır" })).toBeVisible({
    timeout: 60_000,
  });
});

test("a refused card is explained and another one finishes the order", async ({ page }) => {
  await chooseAndName(page, ["İpek Işık"]);
  await continueAsGuest(page, unique("İpek Işık"), `ret-${Date.now()}@example.org`);
  await page.getByRole("button", { name: /öde$/ }).click();
  await payWithCard(page, CARDS.poor);
  // The hosted page says so and lets the payer try another card.
  await expect(page.getByRole("alert")).toBeVisible();
  await payWithCard(page, CARDS.good);
  await page.waitForURL(/\/orders\//);
  await expect(page.getByRole("heading", { level: 1, name: "Belgeniz hazır" })).toBeVisible({
    timeout: 60_000,
  });
});

test("who leaves the payment page finds the order waiting and pays later", async ({ page }) => {
  await chooseAndName(page, ["Can Çelik"]);
  await continueAsGuest(page, unique("Can Çelik"), `sonra-${Date.now()}@example.org`);
  await page.getByRole("button", { name: /öde$/ }).click();
  await page.locator("#number").waitFor();
  await page.goBack();
  await page.goto(new URL("/me/orders", page.url()).href);
  await page.getByRole("main").getByRole("listitem").first().getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1, name: "Ödemeniz bekleniyor" })).toBeVisible();
  await expectAccessibleInEveryLook(page);
  await page.getByRole("button", { name: "Ödemeye geç" }).click();
  await payWithCard(page, CARDS.good);
  await page.waitForURL(/\/orders\//);
  await expect(page.getByRole("heading", { level: 1, name: "Belgeniz hazır" })).toBeVisible({
    timeout: 60_000,
  });
});
