import { type Browser, expect, type Page, test } from "@playwright/test";
import { expectAccessible, expectNoSidewaysScroll } from "../support/axe";
import { CAMPAIGN } from "../support/giving";
import { signIn } from "../support/people";
import { akademi, platform, vakif } from "../support/system";

const LOOKS = {
  light: { colorScheme: "light", viewport: { width: 1280, height: 860 } },
  dark: { colorScheme: "dark", viewport: { width: 1280, height: 860 } },
  phone: { colorScheme: "light", viewport: { width: 390, height: 844 } },
} as const;

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
  await expect(page.locator("main [aria-busy=true]")).toHaveCount(0);
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
}

async function open(browser: Browser, look: keyof typeof LOOKS): Promise<Page> {
  const context = await browser.newContext({
    ...LOOKS[look],
    locale: "tr-TR",
    serviceWorkers: "block",
    reducedMotion: "reduce",
  });
  return context.newPage();
}

for (const look of Object.keys(LOOKS) as (keyof typeof LOOKS)[]) {
  test(`public pages, ${look}`, async ({ browser }) => {
    test.setTimeout(180_000);
    const page = await open(browser, look);
    for (const url of PUBLIC) await test.step(url, () => check(page, url));
    await page.goto(`${akademi}/`);
    await page.getByRole("main").getByRole("article").first().getByRole("link").click();
    await expect(page.getByRole("link", { name: /Kursu satın al|Kursa kaydol/ })).toBeVisible();
    await expectAccessible(page);
    await page.context().close();
  });

  test(`a donor's pages, ${look}`, async ({ browser }) => {
    const page = await open(browser, look);
    await signIn(page, vakif, "vakif", "DONOR");
    for (const path of DONOR) await test.step(path, () => check(page, vakif + path));
    await page.context().close();
  });

  test(`the panel, ${look}`, async ({ browser }) => {
    test.setTimeout(180_000);
    const page = await open(browser, look);
    await signIn(page, vakif, "vakif", "TENANT_ADMIN");
    for (const path of ADMIN) await test.step(path, () => check(page, vakif + path));
    await signIn(page, akademi, "akademi", "TENANT_ADMIN");
    for (const path of TEACHING) await test.step(path, () => check(page, akademi + path));
    await page.context().close();
  });
}
