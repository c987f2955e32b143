import { screen, waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test, vi } from "vitest";
import { expectAccessible, heading, open } from "@/test/render";
import { seen, server } from "@/test/server";
import { signInAs } from "@/test/session";
import { readError } from "./state";

/** Lists are cards on a narrow screen; a wide table needs sizes that only a browser has. */
beforeEach(() => {
  const wide = window.matchMedia("all");
  vi.spyOn(window, "matchMedia").mockImplementation((query) => ({
    ...wide,
    media: query,
    matches: query.includes("max-width: 48em"),
  }));
});

async function cards(label: string): Promise<string[]> {
  const list = await screen.findByRole("list", { name: label });
  return [...list.children].map((card) => card.textContent ?? "");
}

test("an administrator finds the SMS beside the e-mails, with masked numbers and the reason in words", async () => {
  signInAs("admin");
  const { user } = open("/admin/mails");
  await heading(/E-postalar ve SMS/);
  expect(await cards("E-postalar")).toEqual([expect.stringContaining("ayse.yilmaz@example.org")]);
  await user.click(screen.getByRole("radio", { name: "SMS" }));
  const [sent, waiting, , , unknown] = await cards("SMS");
  expect(sent).toMatch(
    /\+905\*{7}67Belge hazır · TR.*Parça2.*GönderildiSağlayıcıdaki no: 17377215342605050417149344/,
  );
  expect(unknown).toMatch(/Belirsiz.*Sağlayıcıya iletildiği zaman: \d/);
  expect(waiting).toMatch(
    /\+905\*{7}80.*SıradaSağlayıcı geçici olarak daha fazlasını almıyor\. \(netgsm 80\)/,
  );
  await waitFor(() => expect(screen.queryByText("ayse.yilmaz@example.org")).toBeNull());
  await expectAccessible();
});

test("a failed SMS is sent again, one without a number or of unknown fate is not", async () => {
  signInAs("admin");
  const { user } = open("/admin/mails?channel=sms");
  await cards("SMS");
  const again = screen.getAllByRole("button", { name: "Tekrar gönder" });
  expect(again).toHaveLength(1);
  await user.click(again[0] as HTMLElement);
  expect(await screen.findByText("SMS yeniden sıraya alındı.")).toBeVisible();
  const [asked] = seen.filter((request) => request.method === "POST");
  expect(asked?.path).toMatch(/^\/admin\/sms\/[0-9a-f-]+03\/retry$/);
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
  ["sms", "unknown", "E-postalar", ""],
  ["mail", "failed", "SMS", "?channel=sms"],
])("the filter of %s (%s) does not go over to %s", async (channel, state, other, address) => {
  signInAs("admin");
  const { user, router } = open(`/admin/mails?channel=${channel}&state=${state}`);
  await user.click(await screen.findByRole("radio", { name: other }));
  expect(await cards(other)).not.toEqual([]);
  expect(router.state.location.search).toBe(address);
  expect(screen.getByRole("combobox", { name: "Durum" })).toHaveValue("");
});

test.each([
  ["rate_limited (netgsm 80)", "rate_limited", "netgsm 80"],
  ["interrupted", "interrupted", ""],
  ["something_new (x)", undefined, "x"],
  ["", undefined, ""],
])("%j is read as a word and the provider's code", (error, word, detail) => {
  expect(readError(error)).toEqual({ word, detail });
});
