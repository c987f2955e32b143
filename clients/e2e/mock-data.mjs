/** Made-up institutions for page tests and for looking at pages without a server. */

export const money = (amount, currency = "TRY") => ({ amount, currency });
const day = 86_400_000;
export const inDays = (n) => new Date(Date.now() + n * day).toISOString();

export const sites = {
  charity: {
    tenant: {
      id: "0190a000-0000-7000-8000-000000000001",
      slug: "vakif",
      name: "Hilal Vakfı",
      kind: "charity",
      locale: "tr",
      currency: "TRY",
      time_zone: "Europe/Istanbul",
      branding: {
        primary_color: "#1c6a58",
        logo_url: null,
        tagline: { tr: "Kurbanınız emin ellerde", en: "Your qurban, in trusted hands" },
      },
    },
    platform: false,
    providers: ["iyzico", "stripe"],
    sandbox: true,
    api_version: "0.1.0",
  },
  academy: {
    tenant: {
      id: "0190a000-0000-7000-8000-000000000002",
      slug: "akademi",
      name: "Belge Akademi",
      kind: "academy",
      locale: "tr",
      currency: "TRY",
      time_zone: "Europe/Istanbul",
      branding: {
        primary_color: "#34509c",
        logo_url: null,
        tagline: { tr: "Bildiğinizi belgeleyin", en: "Prove what you know" },
      },
    },
    platform: false,
    providers: ["iyzico"],
    sandbox: true,
    api_version: "0.1.0",
  },
  platform: { tenant: null, platform: true, providers: [], sandbox: true, api_version: "0.1.0" },
};

export const accounts = {
  donor: {
    id: "0190a000-0000-7000-8000-0000000000d1",
    email: "ayse.yilmaz@example.org",
    full_name: "Ayşe Yılmaz",
    phone: "+905320000000",
    locale: "tr",
    is_guest: false,
    email_verified: true,
    roles: ["DONOR"],
    permissions: [],
  },
  admin: {
    id: "0190a000-0000-7000-8000-0000000000a1",
    email: "yonetici@example.org",
    full_name: "İrem Öğüt",
    phone: null,
    locale: "tr",
    is_guest: false,
    email_verified: true,
    roles: ["TENANT_ADMIN"],
    permissions: [
      "dashboard:read",
      "order:read",
      "order:manage",
      "order:refund",
      "certificate:manage",
      "certificate:template",
      "user:read",
      "user:write",
      "course:manage",
      "campaign:manage",
      "site:write",
      "tasks:manage",
      "audit:read",
    ],
  },
};

const consentBody = `Kurban ibadetimin yerine getirilmesi için, aşağıda isimleri yazılı kişiler adına kurban satın alınması, kesilmesi, etinin ihtiyaç sahiplerine dağıtılması hususunda Hilal Vakfı'nı ve görevlendireceği kişileri vekil tayin ediyorum.

Vekil, kurbanı dinî usullere uygun olarak, sağlıklı ve yaş şartını taşıyan hayvanlar arasından seçer ve kesim gününde isimleri okuyarak keser.

- Kesim, kampanyada belirtilen ülkede ve tarihte yapılır.
- Hayvanın etinin tamamı ihtiyaç sahiplerine dağıtılır.
- Zorunlu hâllerde kesim bayram günleri içinde başka bir güne alınabilir.

Bu vekâleti kendi irademle ve adını yazdığım kişilerin bilgisi dâhilinde veriyorum.`;

export const consentText = {
  id: "0190a000-0000-7000-8000-00000000c001",
  version: 3,
  locale: "tr",
  title: "Kurban vekâletnamesi",
  body: consentBody,
  sha256: "9f2b7c4d1e0a5f6837b2c9d4e1f0a3b5c7d9e8f1a2b3c4d5e6f708192a3b4c5d",
};

const campaign = (n, slug, title, summary, region, from) => ({
  id: `0190a000-0000-7000-8000-0000000000${n}`,
  slug,
  title,
  summary,
  region,
  slaughter_date: inDays(40).slice(0, 10),
  closes_at: inDays(36),
  image_url: null,
  from_price: money(from),
});

export const campaigns = [
  campaign(
    "01",
    "kurban-2027-afrika",
    "Kurban 2027 – Doğu Afrika",
    "Kurak bölgelerde yaşayan ailelere kurban eti ulaştırıyoruz.",
    "Somali, Kenya, Etiyopya",
    "4250.00",
  ),
  campaign(
    "02",
    "kurban-2027-turkiye",
    "Kurban 2027 – Türkiye",
    "Deprem bölgesindeki ailelerle bayramı paylaşıyoruz.",
    "Hatay, Adıyaman, Kahramanmaraş",
    "14500.00",
  ),
  campaign(
    "03",
    "adak-akika",
    "Adak ve akika kurbanı",
    "Yıl boyunca, dilediğiniz hafta kesilir.",
    "Türkiye",
    "11900.00",
  ),
];

export const campaignDetails = Object.fromEntries(
  campaigns.map((c) => [
    c.slug,
    {
      ...c,
      description:
        "Kurbanlarınızı kesim gününde bölgedeki ekibimizin gözetiminde kesiyor, etini aynı gün ihtiyaç sahibi ailelere dağıtıyoruz.\n\nHer hayvan veteriner kontrolünden geçer. Kesim sırasında hisse sahiplerinin isimleri okunur.\n\n- Kesim ve dağıtım aynı gün yapılır\n- Her aileye yaklaşık 5 kg et ulaşır\n- Belgeniz kesim vekâletinizle birlikte e-postanıza gelir",
      kind: c.slug === "adak-akika" ? "adak" : "vacip",
      open: true,
      options: [
        {
          id: `${c.id.slice(0, -3)}0c1`,
          title: "Büyükbaş hisse",
          animal_class: "cattle",
          shares_per_animal: 7,
          price: c.from_price,
          available: 5,
        },
        {
          id: `${c.id.slice(0, -3)}0c2`,
          title: "Küçükbaş (koyun)",
          animal_class: "small",
          shares_per_animal: 1,
          price: money("6900.00"),
          available: 64,
        },
        {
          id: `${c.id.slice(0, -3)}0c3`,
          title: "Küçükbaş (keçi)",
          animal_class: "small",
          shares_per_animal: 1,
          price: money("6400.00"),
          available: 0,
        },
      ],
      consent_text: consentText,
    },
  ]),
);

const course = (n, slug, title, summary, price, lessons, minutes) => ({
  id: `0190a000-0000-7000-8000-0000000010${n}`,
  slug,
  title,
  summary,
  price: money(price),
  image_url: null,
  lesson_count: lessons,
  duration_minutes: minutes,
});

export const courses = [
  course(
    "01",
    "veri-okuryazarligi",
    "Veri okuryazarlığı",
    "Tabloları, grafikleri ve sayıların arkasındaki hikâyeyi okumayı öğrenin.",
    "890.00",
    6,
    95,
  ),
  course(
    "02",
    "ilk-yardim",
    "Evde ve işte ilk yardım",
    "Acil durumlarda ilk beş dakikada yapılacaklar.",
    "450.00",
    9,
    140,
  ),
  course(
    "03",
    "turkce-yazim",
    "Açık ve doğru Türkçe yazmak",
    "E-posta, rapor ve duyurularda sade bir dil.",
    "0.00",
    4,
    38,
  ),
];

const lesson = (id, title, kind, minutes, done = null) => ({
  id: `0190a000-0000-7000-8000-00000000e0${id}`,
  title,
  kind,
  duration_minutes: minutes,
  body_html:
    kind === "text"
      ? "<p>Bir sayı tek başına konuşmaz; neyin sayıldığını, kimin saydığını ve neyle karşılaştırıldığını bilmek gerekir.</p><h2>Üç soru</h2><ul><li>Ne sayılmış, ne sayılmamış?</li><li>Hangi dönem ve hangi yer?</li><li>Karşılaştırma adil mi?</li></ul><p>Bu derste üç gerçek tabloya bakacağız.</p>"
      : null,
  video_url: kind === "video" ? "/lesson.mp4" : null,
  completed_at: done,
});

export const sections = [
  {
    id: "0190a000-0000-7000-8000-00000000f001",
    title: "Başlarken",
    lessons: [
      lesson("01", "Sayılar neyi saklar?", "text", 12, inDays(-2)),
      lesson("02", "Ortalama mı, ortanca mı?", "video", 18, inDays(-1)),
    ],
  },
  {
    id: "0190a000-0000-7000-8000-00000000f002",
    title: "Grafikler",
    lessons: [
      lesson("03", "Doğru grafiği seçmek", "text", 15),
      lesson("04", "Yanıltan eksenler", "video", 22),
    ],
  },
  {
    id: "0190a000-0000-7000-8000-00000000f003",
    title: "Uygulama",
    lessons: [lesson("05", "Bir tabloyu yorumlayın", "text", 20), lesson("06", "Kendi raporunuz", "text", 8)],
  },
];
