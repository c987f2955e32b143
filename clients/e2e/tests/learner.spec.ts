import { expect, test } from "@playwright/test";
import { expectAccessibleInEveryLook } from "../support/axe";
import { CARDS, payWithCard } from "../support/giving";
import { unique } from "../support/people";
import { akademi } from "../support/system";

test("a learner buys a course, works through it and receives the certificate", async ({ page }) => {
  test.setTimeout(180_000);
  await page.goto(akademi);
  await page.getByRole("main").getByRole("article").first().getByRole("link").click();
  await page.getByRole("link", { name: /Kursu satın al/ }).click();
  await page.getByLabel("Ad soyad").fill(unique("Elif Güneş"));
  await page.getByLabel("E-posta").fill(`ogrenci-${Date.now()}@example.org`);
  await page.getByRole("button", { name: "Devam et" }).click();
  await page.getByRole("button", { name: /öde$/ }).click();
  await payWithCard(page, CARDS.good);

  await page.waitForURL(/\/orders\//);
  await expect(page.getByRole("heading", { level: 1, name: "Kursunuz açıldı" })).toBeVisible({
    timeout: 60_000,
  });
  await page.getByRole("link", { name: "Kurslarıma git" }).click();
  await page.getByRole("article").first().getByRole("link").click();

  const looked = new Set<string>();
  const complete = page.getByRole("button", { name: /^Tamamla ve devam et$|^Dersi tamamla$/ });
  const finished = page.getByText("Tebrikler, kursu tamamladınız");
  // The page before has a heading too; only a lesson has this button.
  await expect(complete).toBeVisible();
  for (let lesson = 0; lesson < 40 && !(await finished.isVisible()); lesson++) {
    const title = await page.getByRole("heading", { level: 1 }).textContent();
    const kind = (await page.locator("main video").count()) > 0 ? "video" : "text";
    if (!looked.has(kind)) await expectAccessibleInEveryLook(page);
    looked.add(kind);
    const last = (await complete.textContent()) === "Dersi tamamla";
    await complete.click();
    if (last) break;
    await expect(page.getByRole("heading", { level: 1 })).not.toHaveText(title ?? "");
  }
  await expect(finished).toBeVisible();
  expect([...looked].sort()).toEqual(["text", "video"]);
  await expect(page.getByText("Tamamlama belgeniz hazır.")).toBeVisible({ timeout: 60_000 });
  await page.getByRole("link", { name: "Belgelerime git" }).click();
  await page.getByRole("link", { name: "Doğrulama sayfası" }).click();
  await expect(page.getByRole("heading", { name: "Bu belge geçerlidir" })).toBeVisible();
});
