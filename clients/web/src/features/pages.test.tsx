import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { expectAccessible, heading, open } from "@/test/render";
import { seen, world } from "@/test/server";
import { signInAs } from "@/test/session";

describe("certificates can be checked by anyone", () => {
  test.each([
    ["7KQ2-M9XT-4HVA", "Bu belge geçerlidir"],
    ["IPTAL-1", "Bu belge iptal edilmiştir"],
    ["ESKI-1", "Bu belge yenisiyle değiştirilmiştir"],
    ["YOK-YOK", "Böyle bir belge bulunamadı"],
  ])("%s: %s", async (code, verdict) => {
    open(`/verify/${code}`);
    expect(await screen.findByRole("heading", { name: verdict })).toBeVisible();
    await expectAccessible();
  });

  test("a code typed by hand", async () => {
    const { user, router } = open("/verify");
    await user.type(await screen.findByLabelText("Belge kodu"), " 7kq2-m9xt-4hva ");
    await user.click(screen.getByRole("button", { name: "Doğrula" }));
    expect(await screen.findByRole("heading", { name: "Bu belge geçerlidir" })).toBeVisible();
    expect(router.state.location.pathname).toBe("/verify/7KQ2-M9XT-4HVA");
    expect(screen.getByText("A*** Y*****")).toBeVisible();
  });
});

describe("signing in", () => {
  test("leads back to where one wanted to go", async () => {
    const { user, router } = open("/me/orders");
    await heading(/Giriş yapınız/);
    await user.type(screen.getByLabelText(/E-posta/), "ayse@example.org");
    await user.type(screen.getByLabelText(/^Parola\b/), "dogru-parola");
    await user.click(screen.getByRole("button", { name: "Giriş yap" }));
    await heading(/Bağışlarım/);
    expect(router.state.location.pathname).toBe("/me/orders");
  });

  test("a wrong password is said above the form and read out", async () => {
    const { user } = open("/sign-in");
    await heading(/Giriş yapınız/);
    await user.type(screen.getByLabelText(/E-posta/), "ayse@example.org");
    await user.type(screen.getByLabelText(/^Parola\b/), "yanlis-parola");
    await user.click(screen.getByRole("button", { name: "Giriş yap" }));
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("E-posta veya parola hatalı.");
    expect(alert).toHaveFocus();
    expect(screen.getByText(/^Yeni kaydolduysanız/)).toBeVisible();
  });

  test("the server's finding stands beside its field", async () => {
    const { user } = open("/register");
    await heading(/Hesap açınız/);
    await user.type(screen.getByLabelText(/Ad soyad/), "Ayşe Yılmaz");
    await user.type(screen.getByLabelText(/E-posta/), "dolu@example.org");
    await user.type(screen.getByLabelText(/^Parola\b/), "uzun-bir-parola");
    await user.click(screen.getByRole("button", { name: "Hesabı aç" }));
    expect(await screen.findByText("Bu adres kullanılıyor.")).toBeVisible();
    expect(screen.getByLabelText(/E-posta/)).toBeInvalid();
  });
});

test("the order page follows the order to its certificate without a reload", async () => {
  signInAs("donor");
  world.state.orders.set("o1", {
    id: "o1",
    number: "HV-1",
    status: "pending",
    total: { amount: "10.00", currency: "TRY" },
    paid: { amount: "0.00", currency: "TRY" },
    refunded: { amount: "0.00", currency: "TRY" },
    currency: "TRY",
    hold_expires_at: null,
    created_at: new Date().toISOString(),
    version: 1,
    certificates: [],
    lines: [
      {
        id: "l",
        kind: "kurban_share",
        ref: "r",
        title: "Büyükbaş hisse",
        quantity: 1,
        unit_price: { amount: "10.00", currency: "TRY" },
        total: { amount: "10.00", currency: "TRY" },
        details: {},
      },
    ],
    payments: [
      {
        id: "p",
        provider: "iyzico",
        state: "pending",
        decline: null,
        amount: { amount: "10.00", currency: "TRY" },
        created_at: new Date().toISOString(),
      },
    ],
  });
  open("/orders/o1");
  await heading(/Ödemeniz bekleniyor/);
  await expectAccessible();
  expect(
    await screen.findByRole("heading", { level: 1, name: "Belgeniz hazır" }, { timeout: 20_000 }),
  ).toBeVisible();
  expect(screen.getByRole("button", { name: /Belgeyi indir/ })).toBeVisible();
  expect(screen.getByRole("link", { name: "Doğrulama sayfası" })).toHaveAttribute(
    "href",
    "/verify/7KQ2-M9XT-4HVA",
  );
});

test("a learner completes the last lessons and is told about the certificate", async () => {
  world.kind = "academy";
  signInAs("donor");
  const { user } = open("/learn/0190a000-0000-7000-8000-000000000042");
  await heading(/Doğru grafiği/);
  for (const next of [/Yanıltan/, /Bir tabloyu/, /Kendi raporunuz/]) {
    await user.click(screen.getByRole("button", { name: "Tamamla ve devam et" }));
    await heading(next);
  }
  await user.click(screen.getByRole("button", { name: "Dersi tamamla" }));
  expect(await screen.findByText(/Tebrikler, kursu tamamladınız/)).toBeVisible();
  await expectAccessible();
});

test("an administrator refunds part of an order", async () => {
  signInAs("admin");
  const { user } = open("/admin/orders/0190b000-0000-7000-8000-000000000100");
  await heading(/HV-2027-1042/);
  await user.click(screen.getByRole("button", { name: "İade et" }));
  const dialog = await screen.findByRole("dialog");
  const submit = within(dialog).getByRole("button", { name: "İade et" });
  expect(submit).toBeDisabled();
  await user.type(within(dialog).getByLabelText(/Tutar/), "4.250,00");
  await user.type(within(dialog).getByLabelText(/Gerekçe/), "Bağışçının isteği");
  await user.click(submit);
  await waitFor(() => expect(seen.some((r) => r.path.endsWith("/refunds"))).toBe(true));
  const call = seen.find((r) => r.path.endsWith("/refunds"));
  expect(call?.body).toMatchObject({
    amount: { amount: "4250.00", currency: "TRY" },
    reason: "Bağışçının isteği",
  });
  expect(call?.headers.get("Idempotency-Key")).toHaveLength(36);
});

test("an administrator takes one line of an order back", async () => {
  signInAs("admin");
  const { user } = open("/admin/orders/0190b000-0000-7000-8000-000000000100");
  await heading(/HV-2027-1042/);
  await user.click(screen.getByRole("button", { name: "İade et" }));
  const dialog = await screen.findByRole("dialog");
  await user.type(within(dialog).getByLabelText(/Tutar/), "1");
  await user.click(within(dialog).getByRole("checkbox", { name: /Küçükbaş/ }));
  const amount = within(dialog).getByLabelText(/Tutar/);
  expect(amount).toHaveAttribute("readonly");
  expect(amount).toHaveValue("4250");
  await user.type(within(dialog).getByLabelText(/Gerekçe/), "Bir hisse iptal");
  await user.click(within(dialog).getByRole("button", { name: "İade et" }));
  await waitFor(() => expect(seen.some((r) => r.path.endsWith("/refunds"))).toBe(true));
  expect(seen.find((r) => r.path.endsWith("/refunds"))?.body).toMatchObject({
    line_ids: ["0190b000-0000-7000-8000-000000000002"],
    amount: { amount: "4250.00", currency: "TRY" },
  });
});

test("an administrator hands out a paid order for which nothing was left", async () => {
  signInAs("admin");
  const { user } = open("/admin/orders/0190b000-0000-7000-8000-000000000102");
  await heading(/HV-2027-1040/);
  await user.click(screen.getByRole("button", { name: "Yeniden karşıla" }));
  const dialog = await screen.findByRole("dialog");
  await expectAccessible();
  await user.click(within(dialog).getByRole("button", { name: "Yeniden karşıla" }));
  await waitFor(() => expect(seen.some((r) => r.path.endsWith("/allocate"))).toBe(true));
  expect(seen.find((r) => r.path.endsWith("/allocate"))?.headers.get("Idempotency-Key")).toHaveLength(36);
  expect(await screen.findByText("Sipariş karşılandı.")).toBeVisible();
});

test("an order that is served offers no second handing out", async () => {
  signInAs("admin");
  open("/admin/orders/0190b000-0000-7000-8000-000000000100");
  await heading(/HV-2027-1042/);
  expect(screen.queryByRole("button", { name: "Yeniden karşıla" })).toBeNull();
});

test("a notice that matches nothing is dismissed with a reason", async () => {
  signInAs("admin");
  const { user } = open("/admin/webhooks");
  await heading(/Eşleşmeyen ödeme bildirimleri/);
  await user.click(await screen.findByRole("button", { name: "Bildirimi kapat" }));
  const dialog = await screen.findByRole("dialog");
  const submit = within(dialog).getByRole("button", { name: "Bildirimi kapat" });
  expect(submit).toBeDisabled();
  await user.type(within(dialog).getByLabelText(/Gerekçe/), "Başka bir sitenin ödemesi");
  await user.click(submit);
  await waitFor(() => expect(seen.some((r) => r.path.endsWith("/dismissal"))).toBe(true));
  expect(seen.find((r) => r.path.endsWith("/dismissal"))?.body).toEqual({
    reason: "Başka bir sitenin ödemesi",
  });
});

test("an administrator changes a price", async () => {
  signInAs("admin");
  const { user } = open("/admin/campaigns/0190a000-0000-7000-8000-000000000001");
  await heading(/Doğu Afrika/);
  await user.click(screen.getByRole("button", { name: "Büyükbaş hisse: Düzenle" }));
  const price = await screen.findByLabelText(/Fiyat/);
  await user.clear(price);
  await user.type(price, "4.500");
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Kaydet" }));
  await waitFor(() =>
    expect(seen.find((r) => r.method === "PATCH")?.body).toMatchObject({
      price: { amount: "4500.00", currency: "TRY" },
    }),
  );
});

test("somebody without rights in the panel is told so", async () => {
  signInAs("donor");
  open("/admin");
  expect(
    await screen.findByRole("heading", { level: 1, name: "Bu sayfayı görme yetkiniz yok" }),
  ).toBeVisible();
});
