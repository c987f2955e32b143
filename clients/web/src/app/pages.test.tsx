import { describe, test } from "vitest";
import { expectAccessible, heading, open } from "@/test/render";
import { world } from "@/test/server";
import { signInAs } from "@/test/session";

type Row = [path: string, h1: RegExp, options?: { kind?: "academy" | "platform"; who?: "donor" | "admin" }];

const PAGES: Row[] = [
  ["/", /Kurbanınız emin ellerde/],
  ["/campaigns/kurban-2027-afrika", /Doğu Afrika/],
  ["/campaigns/boyle-bir-kampanya-yok", /bulunamadı/],
  ["/checkout/campaigns/kurban-2027-afrika", /Kaç hisse/],
  ["/verify", /Belge doğrulama/],
  ["/sign-in", /Giriş yapınız/],
  ["/register", /Hesap açınız/],
  ["/forgot-password", /unuttunuz/],
  ["/reset-password#token=abc", /Yeni parola/],
  ["/reset-password", /Yeni parola/],
  ["/verify-email#token=iyi", /E-posta doğrulama/],
  ["/yok/boyle-sayfa", /bulunamadı/],
  ["/me/orders", /Bağışlarım/, { who: "donor" }],
  ["/me/certificates", /Belgelerim/, { who: "donor" }],
  ["/me/profile", /Profil ve güvenlik/, { who: "donor" }],
  ["/me/orders", /Giriş yapınız/],
  ["/admin", /Giriş yapınız/],
  ["/", /Bildiğinizi belgeleyin/, { kind: "academy" }],
  ["/courses/veri-okuryazarligi", /Veri okuryazarlığı/, { kind: "academy" }],
  ["/checkout/courses/veri-okuryazarligi", /Kurs satın al/, { kind: "academy" }],
  ["/me/courses", /Kurslarım/, { kind: "academy", who: "donor" }],
  ["/learn/0190a000-0000-7000-8000-000000000042", /Doğru grafiği seçmek/, { kind: "academy", who: "donor" }],
  ["/", /bir kurum bulunmuyor/, { kind: "platform" }],
  ["/admin", /Merhaba İrem/, { who: "admin" }],
  ["/admin/orders", /Siparişler/, { who: "admin" }],
  ["/admin/orders/0190b000-0000-7000-8000-000000000102", /HV-2027-1040/, { who: "admin" }],
  ["/admin/reviews", /Karar bekleyenler/, { who: "admin" }],
  ["/admin/webhooks", /Eşleşmeyen ödeme bildirimleri/, { who: "admin" }],
  ["/admin/certificates", /Belgeler/, { who: "admin" }],
  ["/admin/users", /Kullanıcılar/, { who: "admin" }],
  ["/admin/campaigns", /Kampanyalar/, { who: "admin" }],
  ["/admin/campaigns/new", /Yeni kampanya/, { who: "admin" }],
  ["/admin/campaigns/0190a000-0000-7000-8000-000000000001", /Doğu Afrika/, { who: "admin" }],
  ["/admin/consents", /Vekâlet metinleri/, { who: "admin" }],
  ["/admin/courses", /Kurslar/, { who: "admin", kind: "academy" }],
  ["/admin/courses/x", /Veri okuryazarlığı/, { who: "admin", kind: "academy" }],
  ["/admin/templates", /Belge şablonları/, { who: "admin" }],
  ["/admin/templates/kurban_order/tr", /Kurban vekâlet belgesi/, { who: "admin" }],
  ["/admin/mails", /E-postalar/, { who: "admin" }],
  ["/admin/mails?channel=sms", /E-postalar ve SMS/, { who: "admin" }],
  ["/admin/tasks", /Aksayan görevler/, { who: "admin" }],
  ["/admin/site", /Kurum ayarları/, { who: "admin" }],
  ["/admin/audit", /Denetim kaydı/, { who: "admin" }],
];

describe("every page opens with its heading and no accessibility violation", () => {
  test.each(PAGES)("%s → %s", async (path, h1, options = {}) => {
    world.kind = options.kind ?? "charity";
    if (options.who) signInAs(options.who);
    open(path);
    await heading(h1);
    await expectAccessible();
  });
});
