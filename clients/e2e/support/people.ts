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
  await page.getByRole("main").getByRole("button", { name: "Giriş yap" }).click();
  await expect(page.getByRole("button", { name: /Hesabım:/ })).toBeVisible();
}

/** A name nobody else in this run has, so that tests find their own orders. */
export const unique = (text: string): string =>
  `${text} ${Math.random().toString(36).slice(2, 8).replace(/[0-9]/g, "x")}`;
