import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { expect, test, vi } from "vitest";
import * as files from "@/shared/saveFile";
import { expectAccessible, heading, open } from "@/test/render";
import { seen, server, world } from "@/test/server";
import { signInAs } from "@/test/session";

const CAMPAIGN = "/admin/campaigns/0190a000-0000-7000-8000-000000000001";
const UPLOAD = "*/api/v1/files/upload";
const picture = () => new File(["x".repeat(2000)], "köy.png", { type: "image/png" });
const chooser = () => document.querySelector<HTMLInputElement>("input[type=file]") as HTMLInputElement;

test("an uploaded picture becomes the campaign's", async () => {
  signInAs("admin");
  let purpose: string | null = null;
  server.use(
    http.post(UPLOAD, ({ request }) => {
      purpose = new URL(request.url).searchParams.get("purpose");
      expect(request.headers.get("Authorization")).toBe("Bearer test");
      return HttpResponse.json({ content_url: "/api/v1/files/abc/content" }, { status: 201 });
    }),
  );
  const { user } = open(CAMPAIGN);
  await heading(/Doğu Afrika/);
  await user.upload(chooser(), picture());
  await waitFor(() => expect(screen.getByLabelText("Resim")).toHaveValue("/api/v1/files/abc/content"));
  expect(purpose).toBe("campaign_image");
  const form = screen.getByRole("region", { name: "Kampanya bilgileri" });
  await user.click(within(form).getByRole("button", { name: "Kaydet" }));
  await waitFor(() =>
    expect(seen.find((r) => r.method === "PATCH")?.body).toMatchObject({
      image_url: "/api/v1/files/abc/content",
    }),
  );
});

test("a refused file is explained and another one may be tried; an upload can be called off", async () => {
  signInAs("admin");
  server.use(
    http.post(UPLOAD, () =>
      HttpResponse.json(
        { status: 413, code: "file_too_large", title: "Büyük", detail: "Dosya 10 MB'den büyük." },
        { status: 413 },
      ),
    ),
  );
  const { user } = open(CAMPAIGN);
  await heading(/Doğu Afrika/);
  await user.upload(chooser(), picture());
  expect(await screen.findByText("Dosya 10 MB'den büyük.")).toBeVisible();
  server.use(http.post(UPLOAD, () => new Promise<never>(() => {})));
  await user.upload(chooser(), picture());
  const bar = await screen.findByRole("progressbar", { name: "Dosya yükleniyor" });
  expect(screen.queryByText("Dosya 10 MB'den büyük.")).toBeNull();
  await user.click(
    within(bar.parentElement?.parentElement as HTMLElement).getByRole("button", { name: "Vazgeç" }),
  );
  await waitFor(() => expect(screen.queryByRole("progressbar")).toBeNull());
  expect(screen.queryByRole("alert")).toBeNull();
});

test("a lesson keeps its uploaded video until it is removed", async () => {
  world.kind = "academy";
  signInAs("admin");
  server.use(http.post(UPLOAD, () => HttpResponse.json({ id: "file-1", name: "ders.mp4" }, { status: 201 })));
  const { user } = open("/admin/courses/x");
  await heading(/Veri okuryazarlığı/);
  await user.click(screen.getAllByRole("button", { name: "Ders ekle" })[0] as HTMLElement);
  const dialog = await screen.findByRole("dialog");
  await user.type(within(dialog).getByLabelText(/Ders başlığı|Başlık/), "Giriş");
  await user.selectOptions(within(dialog).getByRole("combobox"), "video");
  const save = within(dialog).getByRole("button", { name: "Kaydet" });
  expect(save).toBeDisabled();
  await user.upload(
    dialog.querySelector("input[type=file]") as HTMLInputElement,
    new File(["v"], "ders.mp4", { type: "video/mp4" }),
  );
  expect(await within(dialog).findByText("ders.mp4")).toBeVisible();
  await user.click(save);
  await waitFor(() =>
    expect(seen.find((r) => r.method === "POST" && r.path.endsWith("/lessons"))?.body).toMatchObject({
      kind: "video",
      video_file_id: "file-1",
    }),
  );
});

test("an animal's ear tag and state", async () => {
  signInAs("admin");
  let sent: unknown;
  server.use(
    http.patch("*/api/v1/admin/animals/:id", async ({ request }) => {
      sent = await request.json();
      return HttpResponse.json({});
    }),
  );
  const { user } = open(CAMPAIGN);
  await heading(/Doğu Afrika/);
  const herd = screen.getByRole("region", { name: "Hayvanlar ve hisseler" });
  await user.click((await within(herd).findAllByRole("button", { name: /: Düzenle$/ }))[0] as HTMLElement);
  const dialog = await screen.findByRole("dialog");
  await user.clear(within(dialog).getByLabelText(/Kulak küpesi/));
  await user.type(within(dialog).getByLabelText(/Kulak küpesi/), "TR 34 0012345");
  await user.selectOptions(within(dialog).getByLabelText("Durum"), "Kesildi");
  await expectAccessible();
  await user.click(within(dialog).getByRole("button", { name: "Kaydet" }));
  await waitFor(() => expect(sent).toEqual({ ear_tag: "TR 34 0012345", state: "slaughtered" }));
});

test.each([
  [{ whole: true, sealed: 12, finding: null }, "Zincir sağlam"],
  [{ whole: false, sealed: 3, finding: "entry 2 was changed" }, "Zincir kırılmış"],
])("the audit log's chain is checked, %#", async (answer, verdict) => {
  signInAs("admin");
  server.use(http.get("*/api/v1/admin/audit/verify", () => HttpResponse.json(answer)));
  const { user } = open("/admin/audit");
  await heading("Denetim kaydı");
  await user.click(screen.getByRole("button", { name: "Zinciri denetle" }));
  expect(await screen.findByText(verdict)).toBeVisible();
  if (answer.finding) expect(screen.getByText(/entry 2 was changed/)).toBeVisible();
  await expectAccessible();
});

test("the audit log is downloaded as it is filtered", async () => {
  signInAs("admin");
  const save = vi.spyOn(files, "saveFile").mockImplementation(() => {});
  let asked = "";
  server.use(
    http.get("*/api/v1/admin/audit/export", ({ request }) => {
      asked = new URL(request.url).search;
      return new HttpResponse("at,actor\r\n", { headers: { "Content-Type": "text/csv" } });
    }),
  );
  const { user } = open("/admin/audit?action=user.update");
  await heading("Denetim kaydı");
  await user.click(screen.getByRole("button", { name: "CSV olarak indir" }));
  await waitFor(() => expect(save).toHaveBeenCalledWith(expect.anything(), "audit.csv"));
  expect(asked).toBe("?action=user.update");
  save.mockRestore();
});
