import { screen, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { expect, test } from "vitest";
import { expectAccessible, heading, open } from "@/test/render";
import { seen, server } from "@/test/server";
import { signInAs } from "@/test/session";
import { readError } from "./state";

const row = (name: RegExp) => screen.findByRole("row", { name });

test("an administrator finds the SMS beside the e-mails, with masked numbers and the reason in words", async () => {
  signInAs("admin");
  const { user } = open("/admin/mails");
  await heading(/E-postalar ve SMS/);
  expect(await screen.findByText("ayse.yilmaz@example.org")).toBeVisible();
  await user.click(screen.getByRole("radio", { name: "SMS" }));
  const sent = await row(/\+905\*{7}67/);
  expect(within(sent).getByText("Gönderildi")).toBeVisible();
  expect(within(sent).getByText("2")).toBeVisible();
  const waiting = await row(/\+905\*{7}80/);
  expect(waiting).toHaveTextContent("Sırada");
  expect(waiting).toHaveTextContent("Sağlayıcı geçici olarak daha fazlasını almıyor. (netgsm 80)");
  expect(screen.queryByText("ayse.yilmaz@example.org")).toBeNull();
  await expectAccessible();
});

test("the channel and the state stand in the address", async () => {
  signInAs("admin");
  let asked = "";
  server.use(
    http.get("*/api/v1/admin/sms", ({ request }) => {
      asked = new URL(request.url).searchParams.get("state") ?? "";
      return HttpResponse.json({ items: [], next: null });
    }),
  );
  open("/admin/mails?channel=sms&state=unknown");
  expect(await screen.findByText("SMS yok")).toBeVisible();
  expect(asked).toBe("unknown");
  expect(screen.getByRole("option", { name: "Belirsiz", selected: true })).toBeVisible();
  expect(seen.some((request) => request.path === "/admin/mails")).toBe(false);
});

test.each([
  ["rate_limited (netgsm 80)", "rate_limited", "netgsm 80"],
  ["interrupted", "interrupted", ""],
  ["something_new (x)", undefined, "x"],
  ["", undefined, ""],
])("%j is read as a word and the provider's code", (error, word, detail) => {
  expect(readError(error)).toEqual({ word, detail });
});
