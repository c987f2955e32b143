import { expect, type Page } from "@playwright/test";
import { accountOf } from "./system";

/** Signs in through the form and waits for the page that was asked for. */
export async function signIn(
  page: Page,
  base: string,
  tenant: string,
  role: string,
  next = "/",
): Promise<void> {
  const { email, password } = accountOf(tenant, role);
  await page.goto(`${base}/sign-in?next=${encodeURIComponent(next)}`);
  await page.getByLabel("E-posta").fill(email);
  await page.getByLabel("Parola", { exact: false }).first().fill(password);
  const member = page.getByRole("button", { name: /Hesabım:/ });
  // Many tests sign the same person in at once; the server then asks for a few seconds' patience.
  await expect(async () => {
    if (!(await member.isVisible()))
      await page.getByRole("main").getByRole("button", { name: "Giriş yap" }).click();
    await expect(member).toBeVisible({ timeout: 5_000 });
  }).toPass({ timeout: 45_000, intervals: [1_000, 3_000] });
}

/** A name nobody else in this run has, so that tests find their own orders. */
export const unique = (text: string): string =>
  `${text} ${Math.random().toString(36).slice(2, 8).replace(/[0-9]/g, "x")}`;
