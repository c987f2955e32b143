import { screen, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { expectAccessible, heading, open } from "@/test/render";

async function enter(token: string, password: string) {
  const { user } = open(`/verify-email#token=${token}`);
  await heading(/E-posta doğrulama/);
  await user.type(screen.getByLabelText(/^Parola\b/), password);
  await user.click(screen.getByRole("button", { name: "Hesabımı aç" }));
  return user;
}

describe("the link of the verification mail", () => {
  test("asks for the password chosen on registration, then opens the account", async () => {
    await enter("iyi", "dogru-parola");
    expect(await screen.findByText("E-posta adresiniz doğrulandı")).toBeVisible();
    expect(within(screen.getByRole("main")).getByRole("link", { name: "Giriş yap" })).toHaveAttribute(
      "href",
      "/sign-in",
    );
    await expectAccessible();
  });

  test("says so beside the field when this registration has another password, and lets one try again", async () => {
    const user = await enter("iyi", "yanlis-parola");
    expect(await screen.findByText("Bu kayıtta başka bir parola seçilmiş.")).toBeVisible();
    await user.clear(screen.getByLabelText(/^Parola\b/));
    await user.type(screen.getByLabelText(/^Parola\b/), "dogru-parola");
    await user.click(screen.getByRole("button", { name: "Hesabımı aç" }));
    expect(await screen.findByText("E-posta adresiniz doğrulandı")).toBeVisible();
  });

  test("that was used or is too old is told apart from a wrong password", async () => {
    await enter("eski", "dogru-parola");
    expect(await screen.findByText("Bağlantı kullanılamadı")).toBeVisible();
  });

  test("that lost its end asks for the whole address", async () => {
    open("/verify-email?token=iyi");
    expect(await screen.findByText(/Bağlantı eksik/)).toBeVisible();
  });
});

test("the link of the password mail carries its secret behind the #", async () => {
  open("/reset-password#token=iyi");
  expect(await screen.findByLabelText(/Yeni parola/)).toBeVisible();
});
