/** The administration panel's part of the pretend server. */
import * as data from "./mock-data.mjs";

const page = (items) => ({ items, next: null });
const uuid = (n) => `0190b000-0000-7000-8000-${String(n).padStart(12, "0")}`;
const ago = (days) => data.inDays(-days);

const rows = [
  ["HV-2027-1042", "paid", "Ayşe Yılmaz", "ayse.yilmaz@example.org", "12750.00", "12750.00"],
  ["HV-2027-1041", "pending", "Mehmet Şükrü Ağaoğlu", "m.agaoglu@example.org", "4250.00", "0.00"],
  ["HV-2027-1040", "paid_unallocated", "İpek Işık", "ipek@example.org", "6900.00", "6900.00"],
  ["HV-2027-1039", "refunded", "Can Öztürk", "can@example.org", "29750.00", "29750.00"],
  ["HV-2027-1038", "expired", "Zeynep Çelik", "zeynep@example.org", "4250.00", "0.00"],
].map(([number, status, customer, email, total, paid], i) => ({
  id: uuid(100 + i),
  number,
  status,
  customer,
  email,
  total: data.money(total),
  paid: data.money(paid),
  refunded: data.money(status === "refunded" ? paid : "0.00"),
  created_at: ago(i),
}));

const review = {
  id: uuid(300),
  order_id: uuid(102),
  payment_id: uuid(200),
  kind: "unallocated",
  state: "open",
  details: {},
  note: null,
  created_at: ago(1),
  resolved_at: null,
};

const webhook = {
  id: uuid(310),
  provider: "stripe",
  event_type: "charge.refunded",
  status_hint: null,
  signed: true,
  provider_ref: "pi_3Q",
  attempt_id: null,
  state: "unmatched",
  reason: null,
  occurred_at: ago(1),
  received_at: ago(1),
  dismissed_at: null,
};

function order(row) {
  const details = {
    participants: [
      { full_name: "Ayşe Yılmaz", intention: "vacip" },
      { full_name: "Merhume Fatma İpekçioğlu", intention: "vacip" },
    ],
  };
  const brief = {
    id: uuid(200),
    provider: "iyzico",
    state: "confirmed",
    amount: row.total,
    decline: null,
    created_at: row.created_at,
  };
  return {
    order: {
      ...row,
      currency: "TRY",
      lines: [
        {
          id: uuid(1),
          kind: "kurban_share",
          ref: "x",
          title: "Büyükbaş hisse – Doğu Afrika",
          quantity: 3,
          unit_price: data.money("4250.00"),
          total: row.total,
          tax: data.money("0.00"),
          tax_rate_percent: "0",
          state: "fulfilled",
          details,
        },
        {
          id: uuid(2),
          kind: "kurban_share",
          ref: "y",
          title: "Küçükbaş – Doğu Afrika",
          quantity: 1,
          unit_price: data.money("4250.00"),
          total: data.money("4250.00"),
          tax: data.money("0.00"),
          tax_rate_percent: "0",
          state: "fulfilled",
          details: {},
        },
      ],
      payments: [brief],
      hold_expires_at: null,
      certificates: [{ id: uuid(77), status: "READY", code: "7KQ2-M9XT-4HVA" }],
      version: 4,
    },
    customer: {
      id: uuid(9),
      email: row.email,
      full_name: row.customer,
      phone: "+905320000000",
      locale: "tr",
    },
    payments: [
      {
        ...brief,
        refunded: data.money("0.00"),
        refundable: row.total,
        provider_ref: "24186397",
        card: "526955 •••• 1012",
        attempts: [
          {
            id: uuid(401),
            kind: "checkout",
            state: "failed",
            provider_ref: null,
            decline: "insufficient_funds",
            error: null,
            expires_at: null,
            created_at: row.created_at,
          },
          {
            id: uuid(402),
            kind: "checkout",
            state: "confirmed",
            provider_ref: "24186397",
            decline: null,
            error: null,
            expires_at: null,
            created_at: row.created_at,
          },
        ],
      },
    ],
    refunds: [],
    refundable_lines: [
      { line_id: uuid(1), amount: row.total },
      { line_id: uuid(2), amount: data.money("4250.00") },
    ],
    events: [
      { id: uuid(501), kind: "order.placed", at: row.created_at, actor: row.customer, details: {} },
      {
        id: uuid(502),
        kind: "payment.confirmed",
        at: row.created_at,
        actor: null,
        details: { provider: "iyzico", ref: "24186397" },
      },
      { id: uuid(503), kind: "certificate.ready", at: row.created_at, actor: null, details: {} },
    ],
    ledger: [
      {
        id: uuid(601),
        entry_id: uuid(600),
        kind: "capture",
        account: "psp_clearing:iyzico",
        debit: row.total,
        credit: null,
        at: row.created_at,
      },
      {
        id: uuid(602),
        entry_id: uuid(600),
        kind: "capture",
        account: "donations_restricted:kurban-2027",
        debit: null,
        credit: row.total,
        at: row.created_at,
      },
    ],
    reviews: row.status === "paid_unallocated" ? [review] : [],
  };
}

const certificate = (n, status, recipient, extra = {}) => ({
  id: uuid(700 + n),
  code: `7KQ2-M9XT-${4100 + n}`,
  kind: "kurban_order",
  number: `HV-K-2027-${n}`,
  status,
  title: "Kurban 2027 – Doğu Afrika",
  recipient,
  email: "ayse.yilmaz@example.org",
  order_id: uuid(100),
  owner_id: uuid(9),
  subject_id: uuid(100),
  issued_on: "2026-11-20",
  ready_at: ago(n),
  created_at: ago(n),
  current: status !== "REVOKED",
  attempts: 1,
  last_error: status === "FAILED" ? "storage_unavailable" : null,
  revocation_reason: null,
  revocation_note: null,
  revoked_at: null,
  replaced_by: null,
  locale: "tr",
  pages: 1,
  sha256: null,
  verify_url: "/verify/x",
  download_url: null,
  version: 1,
  ...extra,
});

const users = ["Ayşe Yılmaz", "İrem Öğüt", "Mehmet Şükrü Ağaoğlu"].map((full_name, i) => ({
  id: uuid(800 + i),
  email: `kisi${i}@example.org`,
  full_name,
  phone: null,
  locale: "tr",
  roles: i === 1 ? ["TENANT_ADMIN"] : ["DONOR"],
  is_guest: false,
  email_verified: true,
  disabled: i === 2,
  created_at: ago(30),
  last_sign_in_at: ago(i),
  version: 1,
}));

const campaigns = data.campaigns.map((c, i) => ({
  ...c,
  description: data.campaignDetails[c.slug].description,
  kind: "vacip",
  status: ["published", "draft", "closed"][i],
  options: data.campaignDetails[c.slug].options.map((o) => ({
    ...o,
    translations: { title: { tr: o.title, en: "Share of a cattle" } },
    animals: 12,
    sold: 79,
    active: o.available > 0,
    position: 0,
    version: 1,
  })),
  sold_shares: 79,
  total_shares: 148,
  translations: {
    title: { tr: c.title, en: c.title },
    summary: { tr: c.summary },
    description: { tr: "Açıklama" },
    region: { tr: c.region },
  },
  version: 3,
}));

const animals = [1, 2].map((n) => ({
  id: uuid(900 + n),
  tag: `B-00${n}`,
  ear_tag: n === 1 ? "TR 34 1234567" : null,
  state: "planned",
  option_id: uuid(1),
  option_title: "Büyükbaş hisse",
  animal_class: "cattle",
  shares: [1, 2, 3, 4, 5, 6, 7].map((number) => {
    const sold = number <= (n === 1 ? 5 : 1);
    return {
      number,
      state: sold ? "sold" : "free",
      holder: sold ? "Ayşe Yılmaz" : null,
      participant: sold ? "Fatma İpekçioğlu" : null,
      intention: sold ? "vacip" : null,
      order_id: sold ? uuid(100) : null,
    };
  }),
}));

const adminCourse = {
  ...data.courses[0],
  description: "Kısa ve uygulamalı bir kurs.",
  status: "published",
  tax_rate: "20.00",
  version: 2,
  sections: data.sections.map((s, i) => ({
    id: s.id,
    title: s.title,
    position: i,
    lessons: s.lessons.map((l, n) => ({ ...l, video_file_id: null, position: n })),
  })),
};

const template = (kind, locale) => ({
  kind,
  locale,
  version: 1,
  customized: kind === "kurban_order" && locale === "tr",
  changed_at: ago(3),
  html: '<article class="certificate">\n  <h1>{{ title }}</h1>\n  <p>{{ recipient }}</p>\n</article>',
  css: "@page { size: A4 landscape; margin: 0 }",
});
const audit = (n, action, target) => ({
  id: uuid(1000 + n),
  action,
  actor_id: uuid(801),
  actor_name: "İrem Öğüt",
  actor_address: "192.0.2.7",
  target_type: target,
  target_id: uuid(n),
  before: { price: "4000.00" },
  after: { price: "4250.00" },
  request_id: "r",
  created_at: ago(n / 5),
});
const acts = [
  audit(1, "campaign_option.update", "campaign_option"),
  audit(2, "order.refund", "order"),
  audit(3, "user.update", "account"),
];
const series = (money) =>
  Array.from({ length: 30 }, (_, i) => ({
    date: ago(30 - i).slice(0, 10),
    value: money ? null : (i * 7) % 11,
    money: money ? data.money(String(((i * 37) % 23) * 1000)) : null,
  }));
const card = (key, title, value, money, change) => ({
  key,
  title,
  value,
  money,
  change_percent: change,
  series: series(Boolean(money)),
});

const adminSite = (kind) => ({
  ...data.sites[kind],
  version: 5,
  domain: null,
  providers_available: ["iyzico", "stripe"],
});
const find = (list, id) => list.find((item) => item.id === id) ?? list[0];

export const adminHandlers = {
  "GET /admin/dashboard": () => ({
    since: ago(30),
    until: ago(0),
    cards: [
      card("revenue", "Tahsilat", null, data.money("1284500.00"), 12.4),
      card("orders", "Ödenen siparişler", 214, null, -3),
      card("certificates", "Hazır belgeler", 209, null, 8),
      card("members", "Yeni üyeler", 41, null, null),
    ],
    attention: [
      { kind: "dead_letters", title: "Yapılamayan işler", count: 2, link: "/admin/tasks" },
      { kind: "reviews", title: "Karar bekleyen ödemeler", count: 1, link: "/admin/reviews" },
    ],
    activity: acts,
  }),
  "GET /admin/orders": ({ query }) =>
    page(
      rows
        .filter((row) => !query.get("status") || row.status === query.get("status"))
        .filter((row) => `${row.number} ${row.customer}`.includes(query.get("q") ?? "")),
    ),
  "GET /admin/orders/:id": ({ params }) => order(find(rows, params.id)),
  "POST /admin/orders/:id/refunds": ({ body }) => ({
    id: uuid(1),
    payment_id: uuid(200),
    state: "in_transit",
    origin: "panel",
    amount: body.amount ?? data.money("12750.00"),
    done: data.money("0.00"),
    reason: body.reason,
    line_ids: body.line_ids ?? [],
    error: null,
    created_at: ago(0),
  }),
  "POST /admin/orders/:id/allocate": ({ params }) => order({ ...find(rows, params.id), status: "paid" }),
  "POST /admin/payments/:id/sync": () => order(rows[0]),
  "GET /admin/webhooks": ({ query }) => page(query.get("state") === "dismissed" ? [] : [webhook]),
  "POST /admin/webhooks/:id/dismissal": ({ body }) => ({
    ...webhook,
    state: "dismissed",
    reason: body.reason,
    dismissed_at: ago(0),
  }),
  "GET /admin/payment-reviews": () => page([review]),
  "POST /admin/payment-reviews/:id/resolution": ({ body }) => ({
    ...review,
    state: "resolved",
    note: body.note,
    resolved_at: ago(0),
  }),
  "GET /admin/certificates": () =>
    page([
      certificate(1, "READY", "Ayşe Yılmaz"),
      certificate(2, "FAILED", "İpek Işık"),
      certificate(3, "REVOKED", "Can Öztürk"),
    ]),
  "POST /admin/certificates/:id/reissue": () => certificate(4, "PENDING", "Ayşe Yılmaz"),
  "POST /admin/certificates/:id/revoke": () => certificate(1, "REVOKED", "Ayşe Yılmaz"),
  "GET /admin/certificate-templates": () =>
    page([
      template("kurban_order", "tr"),
      template("kurban_order", "en"),
      template("course_completion", "tr"),
      template("course_completion", "en"),
    ]),
  "GET /admin/certificate-templates/:kind": ({ params, query }) =>
    template(params.kind, query.get("locale") ?? "tr"),
  "PATCH /admin/certificate-templates/:kind": ({ params, body }) => ({
    ...template(params.kind, body.locale ?? "tr"),
    ...body,
    version: 2,
  }),
  "POST /admin/certificate-templates/:kind/preview": () => ({ pdf: true }),
  "GET /admin/users": () => page(users),
  "PATCH /admin/users/:id": ({ params, body }) => Object.assign(find(users, params.id), body),
  "GET /admin/campaigns": () => page(campaigns),
  "POST /admin/campaigns": () => campaigns[1],
  "GET /admin/campaigns/:id": ({ params }) => find(campaigns, params.id),
  "PATCH /admin/campaigns/:id": ({ params, body }) => ({
    ...find(campaigns, params.id),
    ...(body.status ? { status: body.status } : {}),
  }),
  "POST /admin/campaigns/:id/options": () => campaigns[0].options[0],
  "PATCH /admin/campaign-options/:id": () => campaigns[0].options[0],
  "POST /admin/campaign-options/:id/animals": ({ body }) => ({
    added: body.count,
    animals: 12 + body.count,
    available: 5 + 7 * body.count,
  }),
  "GET /admin/campaigns/:id/animals": () => page(animals),
  "GET /admin/consent-texts": () =>
    page([{ ...data.consentText, created_at: ago(20), current: true, consent_count: 214 }]),
  "POST /admin/consent-texts": ({ body }) => ({
    ...data.consentText,
    ...body,
    version: 4,
    created_at: ago(0),
    current: true,
    consent_count: 0,
  }),
  "GET /admin/courses": () =>
    page([adminCourse, { ...adminCourse, ...data.courses[1], id: uuid(5), status: "draft" }]),
  "POST /admin/courses": () => adminCourse,
  "GET /admin/courses/:id": () => adminCourse,
  "PATCH /admin/courses/:id": () => adminCourse,
  "POST /admin/courses/:id/publish": () => adminCourse,
  "POST /admin/courses/:id/sections": ({ body }) => ({
    id: uuid(6),
    title: body.title,
    position: 3,
    lessons: [],
  }),
  "PATCH /admin/sections/:id": ({ body }) => ({
    id: uuid(6),
    title: body.title ?? "",
    position: 0,
    lessons: [],
  }),
  "DELETE /admin/sections/:id": () => ({ status: 204 }),
  "POST /admin/sections/:id/lessons": () => adminCourse.sections[0].lessons[0],
  "PATCH /admin/lessons/:id": () => adminCourse.sections[0].lessons[0],
  "DELETE /admin/lessons/:id": () => ({ status: 204 }),
  "GET /admin/site": ({ kind }) => adminSite(kind),
  "PATCH /admin/site": ({ kind }) => adminSite(kind),
  "GET /admin/mails": () =>
    page([
      {
        id: uuid(1),
        template: "order_paid",
        recipient: "ayse.yilmaz@example.org",
        subject: "Belgeniz hazır",
        state: "sent",
        locale: "tr",
        created_at: ago(1),
        sent_at: ago(1),
        last_error: null,
      },
    ]),
  "GET /admin/sms": () =>
    page([
      {
        id: uuid(1),
        template: "certificate_ready",
        recipient: "+905*******67",
        segments: 2,
        state: "sent",
        provider_id: "17377215342605050417149344",
        locale: "tr",
        created_at: ago(1),
        sending_since: ago(1),
        sent_at: ago(1),
        last_error: null,
        repeatable: false,
      },
      {
        id: uuid(2),
        template: "certificate_ready",
        recipient: "+905*******80",
        segments: 1,
        state: "queued",
        provider_id: null,
        locale: "tr",
        created_at: ago(2),
        sending_since: null,
        sent_at: null,
        last_error: "rate_limited (netgsm 80)",
        repeatable: false,
      },
      {
        id: uuid(3),
        template: "certificate_ready",
        recipient: "+905*******12",
        segments: 1,
        state: "failed",
        provider_id: null,
        locale: "tr",
        created_at: ago(3),
        sending_since: ago(3),
        sent_at: null,
        last_error: "sender_unknown (netgsm 40)",
        repeatable: true,
      },
      {
        id: uuid(4),
        template: "certificate_ready",
        recipient: "*************",
        segments: 1,
        state: "failed",
        provider_id: null,
        locale: "tr",
        created_at: ago(4),
        sending_since: null,
        sent_at: null,
        last_error: "invalid_number",
        repeatable: false,
      },
      {
        id: uuid(5),
        template: "certificate_ready",
        recipient: "+905*******34",
        segments: 1,
        state: "unknown",
        provider_id: null,
        locale: "tr",
        created_at: ago(5),
        sending_since: ago(5),
        sent_at: null,
        last_error: "no_answer (ReadTimeout)",
        repeatable: false,
      },
    ]),
  "GET /admin/dead-letters": () =>
    page([
      {
        id: uuid(1),
        consumer: "certificates.make",
        queue: "pdf",
        topic: "certificate.requested",
        state: "dead",
        attempts: 8,
        error: "S3: connection refused",
        created_at: ago(1),
        finished_at: null,
      },
    ]),
  "POST /admin/dead-letters/retry": () => ({ retried: 2, remaining: 0 }),
  "POST /admin/dead-letters/:id/retry": () => ({
    id: uuid(1),
    consumer: "certificates.make",
    queue: "pdf",
    topic: "certificate.requested",
    state: "pending",
    attempts: 0,
    error: null,
    created_at: ago(1),
    finished_at: null,
  }),
  "POST /admin/sms/:id/retry": () => ({
    id: uuid(3),
    template: "certificate_ready",
    recipient: "+905*******12",
    segments: 1,
    state: "queued",
    provider_id: null,
    locale: "tr",
    created_at: ago(3),
    sending_since: null,
    sent_at: null,
    last_error: null,
    repeatable: false,
  }),
  "GET /admin/audit": () => page(acts),
};
