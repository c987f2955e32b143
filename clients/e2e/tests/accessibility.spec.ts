import { expect, type Page, test } from "@playwright/test";
import { expectAccessibleInEveryLook } from "../support/axe";
import { CAMPAIGN } from "../support/giving";
import { signIn } from "../support/people";
import { akademi, platform, vakif } from "../support/system";

const PUBLIC = [
  `${vakif}/`,
  `${vakif}/campaigns/${CAMPAIGN}`,
  `${vakif}/checkout/campaigns/${CAMPAIGN}`,
  `${vakif}/verify`,
  `${vakif}/verify/YOK-YOK-YOK`,
  `${vakif}/sign-in`,
  `${vakif}/register`,
  `${vakif}/forgot-password`,
  `${vakif}/reset-password#token=x`,
  `${vakif}/verify-email#token=x`,
  `${vakif}/boyle-sayfa-yok`,
  `${akademi}/`,
  `${platform}/`,
];
const DONOR = ["/me/orders", "/me/certificates", "/me/profile"];
const ADMIN = [
  "",
  "/orders",
  "/reviews",
  "/campaigns",
  "/campaigns/new",
  "/consents",
  "/certificates",
  "/templates",
  "/users",
  "/mails",
  "/mails?channel=sms",
  "/tasks",
  "/site",
  "/audit",
].map((path) => `/admin${path}`);
const TEACHING = ["/admin/courses", "/admin/courses/new"];

async function check(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expectAccessibleInEveryLook(page);
}

/** In two tests, so that two browsers share them. */
const halves = (paths: string[]): string[][] => {
  const middle = Math.ceil(paths.length / 2);
  return [paths.slice(0, middle), paths.slice(middle)];
};

for (const [number, urls] of halves(PUBLIC).entries())
  test(`public pages, ${number + 1}`, async ({ page }) => {
    test.setTimeout(180_000);
    for (const url of urls) await test.step(url, () => check(page, url));
  });

test("a course", async ({ page }) => {
  await page.goto(`${akademi}/`);
  await page.getByRole("main").getByRole("article").first().getByRole("link").click();
  await expect(page.getByRole("link", { name: /Kursu satın al|Kursa kaydol/ })).toBeVisible();
  await expectAccessibleInEveryLook(page);
});

test("a donor's pages", async ({ page }) => {
  await signIn(page, vakif, "vakif", "DONOR");
  for (const path of DONOR) await test.step(path, () => check(page, vakif + path));
});

for (const [number, paths] of halves(ADMIN).entries())
  test(`the panel, ${number + 1}`, async ({ page }) => {
    test.setTimeout(180_000);
    await signIn(page, vakif, "vakif", "TENANT_ADMIN");
    for (const path of paths) await test.step(path, () => check(page, vakif + path));
  });

test("the academy's panel", async ({ page }) => {
  await signIn(page, akademi, "akademi", "TENANT_ADMIN");
  for (const path of TEACHING) await test.step(path, () => check(page, akademi + path));
});
