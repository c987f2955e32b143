import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test } from "vitest";
import { acceptSession } from "@/app/session";
import { expectAccessible, heading, open } from "@/test/render";
import { seen, server, world } from "@/test/server";

const tenant = {
  id: "0190a000-0000-7000-8000-000000000777",
  slug: "ornek",
  name: "Örnek Vakfı",
  kind: "charity",
  domain: null as string | null,
  suspended: false,
  storage_quota_bytes: null as number | null,
  version: 4,
  created_at: "2026-01-02T10:00:00Z",
};

beforeEach(() => {
  world.kind = "platform";
  let now = { ...tenant };
  acceptSession({
    access_token: "t",
    expires_in: 900,
    account: { id: "a", full_name: "Pınar Yıldız", permissions: ["platform:tenants"], roles: [] },
  } as never);
  server.use(
    http.get("*/api/v1/platform/tenants", () => HttpResponse.json({ items: [now], next: null })),
    http.patch("*/api/v1/platform/tenants/:id", async ({ request }) => {
      const body = (await request.json()) as object;
      seen.push({ method: "PATCH", path: "/platform/tenants", body, headers: request.headers });
      now = { ...now, ...body, version: now.version + 1 };
      return HttpResponse.json(now);
    }),
  );
});

const last = () => seen.filter((r) => r.method === "PATCH").at(-1);

test("an institution's name, domain and storage are changed under its version", async () => {
  const { user } = open("/");
  await heading("Kurumlar");
  await user.click(await screen.findByRole("button", { name: "Örnek Vakfı: Düzenle" }));
  const dialog = await screen.findByRole("dialog");
  await user.clear(within(dialog).getByLabelText(/^Ad\b/));
  await user.type(within(dialog).getByLabelText(/^Ad\b/), "İyilik Vakfı");
  await user.type(within(dialog).getByLabelText(/Alan adı/), "BAGIS.ornek.org");
  await user.type(within(dialog).getByLabelText(/Depolama/), "2");
  await user.click(within(dialog).getByRole("button", { name: "Kaydet" }));
  expect(await screen.findByText("İyilik Vakfı")).toBeVisible();
  expect(last()?.headers.get("If-Match")).toBe('"v4"');
  expect(last()?.body).toEqual({
    name: "İyilik Vakfı",
    domain: "bagis.ornek.org",
    storage_quota_bytes: 2 * 1024 ** 3,
  });
});

test("suspending asks first; opening again does not", async () => {
  const { user } = open("/");
  await user.click(await screen.findByRole("button", { name: "Durdur" }));
  const dialog = await screen.findByRole("dialog", { name: "Örnek Vakfı durdurulsun mu?" });
  await expectAccessible();
  expect(last()).toBeUndefined();
  await user.click(within(dialog).getByRole("button", { name: "Durdur" }));
  expect(await screen.findByText("Durduruldu")).toBeVisible();
  expect(last()?.body).toEqual({ suspended: true });
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await user.click(screen.getByRole("button", { name: "Yeniden aç" }));
  expect(await screen.findByText("Etkin")).toBeVisible();
  expect(last()?.headers.get("If-Match")).toBe('"v5"');
});

test("the site of a suspended institution says that it is closed", async () => {
  server.use(
    http.get("*/api/v1/site", () =>
      HttpResponse.json(
        {
          status: 404,
          code: "tenant_suspended",
          title: "Kapalı",
          detail: "Site geçici olarak kapatılmıştır.",
        },
        { status: 404 },
      ),
    ),
  );
  open("/");
  await heading("Bu site şu anda kapalı");
  expect(screen.getByText("Site geçici olarak kapatılmıştır.")).toBeVisible();
  await expectAccessible();
});

test("where no institution is, one that was opened a moment ago is found by trying again", async () => {
  world.kind = "charity";
  let opened = false;
  server.use(
    http.get("*/api/v1/site", () =>
      opened
        ? undefined
        : HttpResponse.json({ status: 404, code: "tenant_not_found", title: "Yok" }, { status: 404 }),
    ),
  );
  const { user } = open("/");
  await heading("Bu adreste bir kurum bulunamadı");
  await expectAccessible();
  opened = true;
  await user.click(screen.getByRole("button", { name: "Yeniden dene" }));
  await heading(/Kurbanınız emin ellerde/);
});
