import { expect, test } from "@playwright/test";
import { expectAccessible } from "../support/axe";
import { vakif } from "../support/system";

test.use({ serviceWorkers: "allow" });

async function read(address: string): Promise<{ status: number; type: string; text: string }> {
  const answer = await fetch(address);
  return {
    status: answer.status,
    type: answer.headers.get("content-type") ?? "",
    text: await answer.text(),
  };
}

test("the site can be installed", async ({ page }) => {
  await page.goto(vakif);
  const href = await page.locator("link[rel=manifest]").getAttribute("href");
  // Fetched by the page itself: the names of the demo's hosts are known to the browser only.
  const answer = await page.evaluate(read, href ?? "");
  expect(answer.type).toMatch(/application\/(manifest\+)?json/);
  const manifest = JSON.parse(answer.text) as { icons: { src: string; type: string }[] };
  expect(manifest).toMatchObject({ name: expect.any(String), start_url: "/", display: "standalone" });
  expect(manifest.icons.map((icon) => icon.type)).toContain("image/png");
  for (const icon of manifest.icons) {
    const picture = await page.evaluate(read, icon.src);
    expect(picture.status).toBe(200);
    expect(picture.type).toContain(icon.type);
  }
  const found = await page.context().newCDPSession(page);
  const { errors } = await found.send("Page.getAppManifest");
  expect(errors).toEqual([]);
});

test("the shell opens without a network, and a new version is offered, not forced", async ({
  page,
  context,
}) => {
  await page.goto(vakif);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await page.reload();
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller?.state)).toBe("activated");
  const kept = await page.evaluate(() => caches.match("/manifest.webmanifest", { ignoreSearch: true }));
  expect(kept, "the tenant's name of today, not of the day of the first visit").toBeUndefined();
  await context.setOffline(true);
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await context.setOffline(false);
  await page.reload();
  await expect(page.getByRole("main").getByRole("article").first()).toBeVisible();

  // The same script under another address is what a deployed new version looks like to the browser.
  await page.evaluate(async () => {
    document.body.dataset.draft = "kept";
    await navigator.serviceWorker.register("/sw.js?next");
  });
  await expect(page.getByText("Yeni sürüm hazır")).toBeVisible();
  await expectAccessible(page);
  await expect(page.locator("body")).toHaveAttribute("data-draft", "kept");
  await page.getByRole("button", { name: "Yenile" }).click();
  await expect(page.locator("body")).not.toHaveAttribute("data-draft");
  await expect(page.getByRole("main").getByRole("article").first()).toBeVisible();
});
