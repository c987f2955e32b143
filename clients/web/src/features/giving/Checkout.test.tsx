import { screen, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import * as leave from "@/shared/leave";
import { expectAccessible, heading, open } from "@/test/render";
import { seen, server, siteOf, world } from "@/test/server";
import { signInAs } from "@/test/session";

const CAMPAIGN = "/checkout/campaigns/kurban-2027-afrika?option=0190a000-0000-7000-8000-00000000c1";
let left: string[] = [];

beforeEach(() => {
  left = [];
  vi.spyOn(leave, "leaveTo").mockImplementation((url) => void left.push(url));
});
afterEach(() => vi.restoreAllMocks());

async function upTo(
  step: "consent" | "contact" | "review",
  user: ReturnType<typeof open>["user"],
  shares = 2,
) {
  await heading(/Kaç hisse/);
  await user.click(screen.getByRole("radio", { name: /Büyükbaş hisse/ }));
  await user.click(await screen.findByRole("radio", { name: `${shares} hisse` }));
  await user.click(screen.getByRole("button", { name: "Devam et" }));
  await heading(/Kimin adına/);
  const names = screen.getAllByLabelText(/Ad soyad/);
  expect(names).toHaveLength(shares);
  for (const [i, input] of names.entries()) await user.type(input, `Kişi ${i + 1} Ağaoğlu`);
  await user.click(screen.getByRole("button", { name: "Devam et" }));
  await heading(/Vekâletinizi/);
  if (step === "consent") return;
  await user.click(screen.getByRole("checkbox"));
  await user.click(screen.getByRole("button", { name: "Devam et" }));
  await heading(/ulaşalım/);
  if (step === "review") {
    await user.click(await screen.findByRole("button", { name: "Devam et" }));
    await heading(/Kontrol ediniz/);
  }
}

test("seats that are gone cannot be chosen and the total follows the choice", async () => {
  const { user } = open(CAMPAIGN);
  await heading(/Kaç hisse/);
  await user.click(screen.getByRole("radio", { name: /Büyükbaş hisse/ }));
  expect(await screen.findByRole("radio", { name: "6 hisse" })).toBeDisabled();
  await user.click(screen.getByRole("radio", { name: "5 hisse" }));
  expect(screen.getByRole("complementary", { name: "Özet" })).toHaveTextContent("₺21.250");
});

test("every share needs a name", async () => {
  const { user } = open(CAMPAIGN);
  await heading(/Kaç hisse/);
  await user.click(screen.getByRole("radio", { name: /Büyükbaş hisse/ }));
  await user.click(screen.getByRole("button", { name: "Devam et" }));
  await heading(/Kimin adına/);
  await user.click(screen.getByRole("button", { name: "Devam et" }));
  expect(await screen.findByText("Bu alanı doldurunuz.")).toBeVisible();
  expect(screen.getByLabelText(/Ad soyad/)).toHaveFocus();
});

test("a name the server would refuse is told of where it is written", async () => {
  const { user } = open(CAMPAIGN);
  await heading(/Kaç hisse/);
  await user.click(screen.getByRole("radio", { name: /Büyükbaş hisse/ }));
  await user.click(screen.getByRole("button", { name: "Devam et" }));
  await heading(/Kimin adına/);
  await user.type(screen.getByLabelText(/Ad soyad/), "Ayşe <3 Yılmaz");
  await user.click(screen.getByRole("button", { name: "Devam et" }));
  expect(await screen.findByText("Adda < ve > işaretleri kullanılamaz.")).toBeVisible();
});

test("what the server finds in an earlier step is said on the last one", async () => {
  const finding = { path: "lines.0.details.participants.0.full_name", code: "x", message: "Bu ad olmaz." };
  server.use(
    http.post("*/api/v1/orders", () =>
      HttpResponse.json(
        {
          code: "invalid_input",
          title: "Hata var",
          detail: "Düzeltiniz.",
          errors: [finding, { ...finding }],
        },
        { status: 400 },
      ),
    ),
  );
  signInAs("donor");
  const { user } = open(CAMPAIGN);
  await upTo("review", user, 1);
  await user.click(screen.getByRole("button", { name: /öde$/ }));
  expect(await screen.findByText("Bu ad olmaz.")).toBeVisible();
  expect(screen.getByRole("alert")).toHaveFocus();
});

test("without the proxy nobody goes on", async () => {
  const { user } = open(CAMPAIGN);
  await upTo("consent", user);
  await user.click(screen.getByRole("button", { name: "Devam et" }));
  expect(await screen.findByText(/vekâlet metnini onaylayınız/)).toBeVisible();
  await expectAccessible();
});

test("a guest orders two shares and is taken to the payment page", async () => {
  const { user } = open(CAMPAIGN);
  await upTo("contact", user);
  await user.type(await screen.findByLabelText(/Ad soyad/), "Ayşe Yılmaz");
  await user.type(screen.getByLabelText(/E-posta/), "ayse@example.org");
  await user.type(screen.getByLabelText(/Cep telefonu/), "0532 000 00 00");
  await user.click(screen.getByRole("button", { name: "Devam et" }));
  await heading(/Kontrol ediniz/);
  expect(screen.getByText(/\+905320000000/)).toBeVisible();
  await expectAccessible();
  await user.click(screen.getByRole("radio", { name: /Stripe/ }));
  await user.click(screen.getByRole("button", { name: "₺8.500 öde" }));
  await vi.waitFor(() => expect(left).toHaveLength(1));
  expect(seen.find((r) => r.path === "/auth/guest")?.body).toMatchObject({
    phone: "+905320000000",
    locale: "tr",
  });
  const order = seen.find((r) => r.method === "POST" && r.path === "/orders");
  expect(order?.headers.get("Idempotency-Key")).toHaveLength(36);
  expect(order?.body).toMatchObject({
    lines: [
      {
        kind: "kurban_share",
        quantity: 2,
        details: {
          participants: [
            { full_name: "Kişi 1 Ağaoğlu", intention: "vacip" },
            { full_name: "Kişi 2 Ağaoğlu", intention: "vacip" },
          ],
          consent: { accepted: true, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
        },
      },
    ],
  });
  expect(seen.at(-1)).toMatchObject({ body: { provider: "stripe" } });
}, 60_000);

test("who opens an account in the checkout keeps everything and pays at once", async () => {
  const { user } = open(CAMPAIGN);
  await upTo("contact", user);
  await user.click(screen.getByRole("radio", { name: "Hesap aç" }));
  await user.type(await screen.findByLabelText(/Ad soyad/), "Ayşe Yılmaz");
  await user.type(screen.getByLabelText(/E-posta/), "ayse@example.org");
  await user.type(screen.getByLabelText(/^Parola\b/), "uzun-bir-parola");
  await expectAccessible();
  let cut = true;
  server.use(http.post("*/api/v1/auth/guest", () => (cut ? HttpResponse.error() : undefined)));
  await user.click(screen.getByRole("button", { name: "Hesap aç ve devam et" }));
  expect(await screen.findByText(/İnternet bağlantınızı/)).toBeVisible();
  cut = false;
  await user.click(screen.getByRole("button", { name: "Hesap aç ve devam et" }));
  await heading(/Kontrol ediniz/);
  expect(await screen.findByText(/ayse@example.org adresine doğrulama bağlantısı gönderdik/)).toBeVisible();
  // One registration, although the second request had to be tried again.
  const asked = seen.filter((r) => r.path.startsWith("/auth/")).map((r) => r.path);
  expect(asked).toEqual(["/auth/register", "/auth/guest"]);
  expect(seen.find((r) => r.path === "/auth/register")?.body).toMatchObject({ password: "uzun-bir-parola" });
  expect(seen.find((r) => r.path === "/auth/guest")?.body).not.toHaveProperty("password");
  expect(screen.getByText("Kişi 2 Ağaoğlu")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "₺8.500 öde" }));
  await vi.waitFor(() => expect(left).toHaveLength(1));
}, 60_000);

test("the same order keeps its key when the network fails, so it cannot double", async () => {
  signInAs("donor");
  const { user } = open(CAMPAIGN);
  await upTo("review", user, 1);
  const keys: (string | null)[] = [];
  server.use(
    http.post("*/api/v1/orders", ({ request }) => {
      keys.push(request.headers.get("Idempotency-Key"));
      return HttpResponse.error();
    }),
  );
  const pay = screen.getByRole("button", { name: /öde$/ });
  await user.click(pay);
  expect(await screen.findByText(/İnternet bağlantınızı/)).toBeVisible();
  await user.click(pay);
  await vi.waitFor(() => expect(keys).toHaveLength(2));
  expect(keys[0]).toBe(keys[1]);
}, 60_000);

test("when the shares were sold meanwhile, the answer is shown where the button is", async () => {
  signInAs("donor");
  const { user } = open(CAMPAIGN);
  await upTo("review", user, 1);
  server.use(
    http.post("*/api/v1/orders", () =>
      HttpResponse.json(
        {
          status: 409,
          code: "out_of_stock",
          title: "Tükendi",
          detail: "Seçtiğiniz hisseler az önce tükendi.",
        },
        { status: 409 },
      ),
    ),
  );
  await user.click(screen.getByRole("button", { name: /öde$/ }));
  expect(within(await screen.findByRole("alert")).getByText(/az önce tükendi/)).toBeVisible();
}, 60_000);

test("when the payment cannot start, the order's own page takes over", async () => {
  signInAs("donor");
  const { user, router } = open(CAMPAIGN);
  await upTo("review", user, 1);
  server.use(
    http.post("*/payments", () =>
      HttpResponse.json({ status: 503, code: "provider_unavailable", title: "x" }, { status: 503 }),
    ),
  );
  await user.click(screen.getByRole("button", { name: /öde$/ }));
  await heading(/Ödemeniz bekleniyor/);
  expect(router.state.location.pathname).toMatch(/^\/orders\//);
  expect(world.state.orders.size).toBe(1);
}, 60_000);

test("where payments go to a test provider, the page says so before anybody pays", async () => {
  signInAs("donor");
  server.use(http.get("*/site", () => HttpResponse.json({ ...siteOf(), sandbox: true })));
  const { user } = open(CAMPAIGN);
  await upTo("review", user, 1);
  expect(screen.getByRole("note")).toHaveTextContent("Deneme ödemesi");
  await expectAccessible();
}, 60_000);
