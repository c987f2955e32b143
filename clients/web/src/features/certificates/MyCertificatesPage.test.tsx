import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { expectAccessible, heading, open } from "@/test/render";
import { signInAs } from "@/test/session";

test("a certificate that failed can be asked for again, and one who asks too soon is told to wait", async () => {
  signInAs("donor");
  const { user } = open("/me/certificates");
  await heading(/Belgelerim/);
  expect(await screen.findByText("Gecikti")).toBeVisible();
  const again = () => user.click(screen.getByRole("button", { name: "Yeniden dene" }));
  await again();
  expect(await screen.findByText(/Az önce denendi/)).toBeVisible();
  await again();
  expect(await screen.findByText("Belgeniz yeniden hazırlanıyor.")).toBeVisible();
  expect(await screen.findByText("Sırada")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Yeniden dene" })).toBeNull();
  await expectAccessible();
});
