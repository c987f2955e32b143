/**
 * A pretend server: the same handlers answer page tests (MSW) and `mock-server.mjs`. State lives in one
 * object, so that an order really moves from pending to paid while a page watches it.
 */
import { adminHandlers } from "./mock-admin.mjs";
import * as data from "./mock-data.mjs";

export { data };

export const makeState = () => ({
  account: null,
  orders: new Map(),
  enrolled: structuredClone(data.sections),
  looks: 0,
  n: 1000,
});

export class Refusal extends Error {
  constructor(status, code, detail, errors = []) {
    super(detail);
    this.status = status;
    this.body = {
      type: `/problems/${code}`,
      title: detail,
      status,
      code,
      detail,
      errors,
      request_id: "req-0001",
    };
  }
}

export const found = (thing) => {
  if (!thing) throw new Refusal(404, "not_found", "Bulunamadı.");
  return thing;
};
export const page = (items) => ({ items, next: null });
const uuid = (n) => `0190a000-0000-7000-8000-${String(n).padStart(12, "0")}`;
const session = (state, account) => {
  state.account = account;
  return { access_token: "mock-token", expires_in: 900, account };
};
const member = (state) => {
  if (!state.account) throw new Refusal(401, "not_authenticated", "Giriş yapmanız gerekiyor.");
  return state.account;
};

function makeOrder(state, body) {
  const line = body.lines[0];
  const option = Object.values(data.campaignDetails)
    .flatMap((c) => c.options)
    .find((o) => o.id === line.ref);
  const course = data.courses.find((c) => c.id === line.ref);
  const item = found(option ?? course);
  const total = data.money((Number(item.price.amount) * line.quantity).toFixed(2));
  const id = uuid(state.n++);
  const order = {
    id,
    number: `HV-2027-${state.n}`,
    status: "pending",
    total,
    paid: data.money("0.00"),
    refunded: data.money("0.00"),
    currency: "TRY",
    lines: [
      {
        id: uuid(state.n++),
        kind: line.kind,
        title: item.title,
        quantity: line.quantity,
        unit_price: item.price,
        total,
        details: line.details ?? {},
      },
    ],
    payments: [],
    hold_expires_at: data.inDays(0.02),
    certificates: [],
    created_at: new Date().toISOString(),
    version: 1,
  };
  state.orders.set(id, order);
  return order;
}

/** Moves a watched order on: paid at the second look, certificate ready at the fourth. */
function advance(order) {
  order.looks = (order.looks ?? 0) + 1;
  const payment = order.payments.at(-1);
  if (order.status === "pending" && payment?.state === "pending" && order.looks >= 2) {
    payment.state = "confirmed";
    Object.assign(order, { status: "paid", paid: order.total });
    if (order.lines[0].kind === "kurban_share")
      order.certificates = [{ id: uuid(77), status: "PENDING", code: "7KQ2-M9XT-4HVA" }];
  } else if (order.status === "paid" && order.looks >= 4) {
    order.certificates = order.certificates.map((c) => ({ ...c, status: "READY" }));
  }
  return order;
}

function enrollment(state) {
  const lessons = state.enrolled.flatMap((s) => s.lessons);
  const done = lessons.filter((l) => l.completed_at).length;
  const completed = done === lessons.length;
  return {
    id: uuid(42),
    course: data.courses[0],
    progress_percent: Math.round((done / lessons.length) * 100),
    completed_at: completed ? new Date().toISOString() : null,
    certificate_id: completed ? uuid(78) : null,
  };
}

const verification = {
  kind: "kurban_order",
  title: "Kurban 2027 – Doğu Afrika",
  recipient: "A*** Y*****",
  issuer: "Hilal Vakfı",
  number: "HV-K-2027-1042",
  issued_on: "2026-11-20",
  names: ["A*** Y*****", "M****** F**** İ*********"],
  revoked_at: null,
  reason: null,
};

export const handlers = {
  "GET /site": ({ kind }) => data.sites[kind],
  "POST /auth/login": ({ state, body }) => {
    if (body.password === "yanlis-parola")
      throw new Refusal(401, "invalid_credentials", "E-posta veya parola hatalı.");
    return session(state, body.email.startsWith("yonetici") ? data.accounts.admin : data.accounts.donor);
  },
  "POST /auth/guest": ({ state, body }) =>
    session(state, {
      ...data.accounts.donor,
      ...body,
      is_guest: true,
      email_verified: false,
      roles: ["GUEST"],
    }),
  "POST /auth/register": ({ body }) => {
    if (body.email.startsWith("dolu"))
      throw new Refusal(422, "invalid_input", "Bilgileri kontrol ediniz.", [
        { field: "email", code: "taken", message: "Bu adres kullanılıyor." },
      ]);
    return { status: 202 };
  },
  "POST /auth/refresh": ({ state }) => session(state, member(state)),
  "POST /auth/verify-email": ({ body }) => {
    if (body.token !== "iyi") throw new Refusal(400, "token_invalid", "Bağlantı geçersiz.");
    if (body.password === "yanlis-parola")
      throw new Refusal(400, "invalid_input", "Bilgileri kontrol ediniz.", [
        {
          field: "password",
          code: "not_the_registered_password",
          message: "Bu kayıtta başka bir parola seçilmiş.",
        },
      ]);
    return { status: 204 };
  },
  "POST /auth/password/forgot": () => ({ status: 202 }),
  "POST /auth/password/reset": () => ({ status: 204 }),
  "POST /auth/logout": ({ state }) => {
    state.account = null;
    return { status: 204 };
  },
  "POST /auth/logout-all": ({ state }) => {
    state.account = null;
    return { status: 204 };
  },
  "GET /me": ({ state }) => member(state),
  "PATCH /me": ({ state, body }) => Object.assign(member(state), body),
  "GET /me/sessions": () =>
    page([
      {
        id: uuid(1),
        created_at: data.inDays(-3),
        last_used_at: data.inDays(0),
        device: "Chrome · Linux",
        address: "192.0.2.4",
        current: true,
      },
      {
        id: uuid(2),
        created_at: data.inDays(-20),
        last_used_at: data.inDays(-6),
        device: "Safari · iOS",
        address: "198.51.100.9",
        current: false,
      },
    ]),
  "DELETE /me/sessions/:id": () => ({ status: 204 }),
  "GET /campaigns": () => page(data.campaigns),
  "GET /campaigns/:slug": ({ params }) => found(data.campaignDetails[params.slug]),
  "GET /courses": () => page(data.courses),
  "GET /courses/:slug": ({ params }) => ({
    ...found(data.courses.find((c) => c.slug === params.slug)),
    description:
      "Günlük hayatta karşımıza çıkan sayıları doğru okumak için kısa ve uygulamalı bir kurs.\n\n- Ön bilgi gerekmez\n- Her ders bir uygulama ile biter",
    sections: data.sections.map((s) => ({
      ...s,
      lessons: s.lessons.map(({ id, title, kind, duration_minutes }) => ({
        id,
        title,
        kind,
        duration_minutes,
      })),
    })),
    enrollment_id: null,
  }),
  "POST /orders": ({ state, body }) => {
    member(state);
    return makeOrder(state, body);
  },
  "GET /orders/:id": ({ state, params }) => advance(found(state.orders.get(params.id))),
  "POST /orders/:id/sync": ({ state, params }) => found(state.orders.get(params.id)),
  "POST /orders/:id/cancel": ({ state, params }) =>
    Object.assign(found(state.orders.get(params.id)), { status: "canceled" }),
  "POST /orders/:id/payments": ({ state, params, body }) => {
    const order = found(state.orders.get(params.id));
    const payment = {
      id: uuid(state.n++),
      provider: body.provider,
      state: "pending",
      amount: order.total,
      created_at: new Date().toISOString(),
    };
    order.payments.push(payment);
    return { payment_id: payment.id, redirect_url: `/orders/${order.id}`, expires_at: data.inDays(0.02) };
  },
  "GET /me/orders": ({ state }) => page([...state.orders.values()].reverse()),
  "GET /me/enrollments": ({ state }) =>
    page([
      enrollment(state),
      {
        ...enrollment(state),
        id: uuid(43),
        course: data.courses[1],
        progress_percent: 100,
        completed_at: data.inDays(-9),
        certificate_id: uuid(79),
      },
    ]),
  "GET /enrollments/:id": ({ state }) => ({ ...enrollment(state), sections: state.enrolled }),
  "PUT /enrollments/:id/lessons/:lesson/completion": ({ state, params }) => {
    const lesson = found(state.enrolled.flatMap((s) => s.lessons).find((l) => l.id === params.lesson));
    lesson.completed_at ??= new Date().toISOString();
    return enrollment(state);
  },
  "GET /me/certificates": ({ state }) =>
    page([
      {
        id: uuid(77),
        code: "7KQ2-M9XT-4HVA",
        kind: "kurban_order",
        status: "READY",
        title: "Kurban 2027 – Doğu Afrika",
        recipient: "Ayşe Yılmaz",
        issued_on: data.inDays(-1),
        created_at: data.inDays(-1),
        order_id: null,
        revocation_reason: null,
        verify_url: null,
      },
      {
        id: uuid(78),
        code: "P4RD-22WZ-QE81",
        kind: "course_completion",
        status: "GENERATING",
        title: "Veri okuryazarlığı",
        recipient: "Ayşe Yılmaz",
        issued_on: null,
        created_at: data.inDays(0),
        order_id: null,
        revocation_reason: null,
        verify_url: null,
      },
      {
        id: uuid(79),
        code: "ZZ41-7HQ0-B2C3",
        kind: "kurban_order",
        status: state.retried ? "PENDING" : "FAILED",
        title: "Kurban 2027 – Batı Afrika",
        recipient: "Ayşe Yılmaz",
        issued_on: null,
        created_at: data.inDays(0),
        order_id: uuid(110),
        revocation_reason: null,
        verify_url: null,
      },
    ]),
  "POST /certificates/:id": ({ state }) => {
    state.retried = state.asked;
    state.asked = true;
    return { id: uuid(79), status: state.retried ? "PENDING" : "FAILED" };
  },
  "GET /certificates/:id/download": () => ({ pdf: true }),
  "GET /certificates/keys": () => ({ issuer: "mock", name: "Hilal Vakfı", keys: [] }),
  "GET /certificates/verify/:code": ({ params }) => {
    if (params.code.startsWith("7KQ2")) return { status: "valid", code: params.code, ...verification };
    if (params.code.startsWith("IPTAL"))
      return {
        status: "revoked",
        code: params.code,
        ...verification,
        revoked_at: "2026-11-21T08:00:00.000Z",
        reason: "refunded",
      };
    if (params.code.startsWith("ESKI"))
      return { status: "replaced", code: params.code, ...verification, reason: "replaced" };
    return {
      status: "unknown",
      code: params.code,
      issuer: "Hilal Vakfı",
      names: [],
      kind: null,
      title: null,
      recipient: null,
      number: null,
      issued_on: null,
      revoked_at: null,
      reason: null,
    };
  },
  "GET /platform/tenants": () => page([]),
  ...adminHandlers,
};

const routes = Object.entries(handlers).map(([key, handler]) => {
  const [method, path] = key.split(" ");
  const names = [...path.matchAll(/:(\w+)/g)].map((m) => m[1]);
  return { method, names, pattern: new RegExp(`^/api/v1${path.replace(/:\w+/g, "([^/]+)")}$`), handler };
});

/** Answers one request as `{status, body}`; `pdf: true` in a body stands for a PDF file. */
export function answer({ state, kind, method, url, body }) {
  const { pathname, searchParams } = new URL(url, "http://mock");
  for (const route of routes) {
    const match = route.method === method && route.pattern.exec(pathname);
    if (!match) continue;
    const params = Object.fromEntries(route.names.map((name, i) => [name, decodeURIComponent(match[i + 1])]));
    try {
      const result = route.handler({ state, kind, params, query: searchParams, body });
      const bare =
        result &&
        typeof result === "object" &&
        Object.keys(result).length === 1 &&
        typeof result.status === "number";
      return bare ? { status: result.status, body: null } : { status: 200, body: result };
    } catch (error) {
      if (error instanceof Refusal) return { status: error.status, body: error.body };
      throw error;
    }
  }
  return { status: 404, body: new Refusal(404, "not_found", "Bulunamadı.").body };
}
