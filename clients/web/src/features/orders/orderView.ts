import type { Tone } from "@belgenet/ui";
import type { Order } from "./api";

export type Headline =
  | "paid"
  | "ready"
  | "coursePaid"
  | "pending"
  | "unknown"
  | "failed"
  | "expired"
  | "canceled"
  | "refunded"
  | "unallocated"
  | "partial";

export type StepState = "done" | "now" | "wait" | "bad";
export type StepText =
  | "placed"
  | "paymentDone"
  | "paymentWait"
  | "paymentCheck"
  | "paymentFail"
  | "paymentNone"
  | "allocated"
  | "allocatedWait"
  | "released"
  | "enrolled"
  | "enrolledWait"
  | "certificate"
  | "certificateWait"
  | "certificateReady"
  | "certificateFail"
  | "certificateRevoked";

export interface TimelineStep {
  text: StepText;
  state: StepState;
}

/** What the order page says and offers, derived from the order alone (so a reload shows the same). */
export interface OrderView {
  headline: Headline;
  tone: Tone;
  steps: TimelineStep[];
  /** Whether something is still expected to happen by itself. */
  live: boolean;
  canPay: boolean;
  canCancel: boolean;
  /** Why the card was refused, as a stable code; null unless the last payment failed. */
  decline: string | null;
}

const KURBAN = "kurban_share";
const latest = (order: Order) =>
  [...order.payments].sort((a, b) => a.created_at.localeCompare(b.created_at)).at(-1);
const upper = (status: string): string => status.toUpperCase();

/** Tone of an order's status, for badges in lists. */
export function statusTone(status: string): Tone {
  if (status === "paid") return "good";
  if (status === "pending" || status === "partially_paid") return "wait";
  if (status === "paid_unallocated") return "attention";
  return status === "expired" || status === "canceled" ? "bad" : "neutral";
}

export function orderView(order: Order): OrderView {
  const kurban = order.lines.some((line) => line.kind === KURBAN);
  const headline = headlineOf(order, kurban);
  const paid = order.status === "paid" || order.status === "partially_refunded";
  const certificate = certificateStep(order);
  const settled = paid || certificate.state === "bad";
  const last: TimelineStep = settled ? certificate : { text: "certificate", state: "wait" };
  const open = order.status === "pending" || order.status === "partially_paid";
  return {
    headline,
    tone: TONES[headline],
    steps: [
      { text: "placed", state: "done" },
      ...middleSteps(order, kurban, paid, paymentStep(order, headline)),
      ...(CLOSED.includes(order.status) || !(kurban || order.certificates.length > 0) ? [] : [last]),
    ],
    live:
      (open && order.payments.length > 0 && headline !== "failed") ||
      order.status === "paid_unallocated" ||
      (paid && kurban && certificate.state === "now"),
    canPay: open && headline !== "unknown",
    canCancel: order.status === "pending" && headline !== "unknown",
    decline: headline === "failed" ? (latest(order)?.decline ?? null) : null,
  };
}

const CLOSED = ["expired", "canceled"];

/** Payment and place. A share is held before it is paid for; a course opens afterwards. */
function middleSteps(order: Order, kurban: boolean, paid: boolean, payment: TimelineStep): TimelineStep[] {
  if (CLOSED.includes(order.status)) return [payment];
  if (order.status === "refunded") return [payment, { text: "released", state: "bad" }];
  if (!kurban)
    return [payment, paid ? { text: "enrolled", state: "done" } : { text: "enrolledWait", state: "wait" }];
  if (order.status === "paid_unallocated") return [payment, { text: "allocatedWait", state: "now" }];
  return [{ text: "allocated", state: "done" }, payment];
}

const TONES: Record<Headline, Tone> = {
  paid: "good",
  ready: "good",
  coursePaid: "good",
  pending: "wait",
  unknown: "wait",
  partial: "wait",
  failed: "bad",
  expired: "neutral",
  canceled: "neutral",
  refunded: "neutral",
  unallocated: "attention",
};

function headlineOf(order: Order, kurban: boolean): Headline {
  switch (order.status) {
    case "paid":
    case "partially_refunded":
      if (!kurban) return "coursePaid";
      return order.certificates.some((c) => upper(c.status) === "READY") ? "ready" : "paid";
    case "paid_unallocated":
      return "unallocated";
    case "partially_paid":
      return "partial";
    case "expired":
    case "canceled":
    case "refunded":
      return order.status;
    default: {
      const state = latest(order)?.state;
      return state === "unknown" || state === "failed" ? state : "pending";
    }
  }
}

function paymentStep(order: Order, headline: Headline): TimelineStep {
  if (["paid", "partially_refunded", "paid_unallocated", "refunded"].includes(order.status))
    return { text: "paymentDone", state: "done" };
  if (CLOSED.includes(order.status)) return { text: "paymentNone", state: "bad" };
  if (headline === "unknown") return { text: "paymentCheck", state: "now" };
  if (headline === "failed") return { text: "paymentFail", state: "bad" };
  return { text: "paymentWait", state: "now" };
}

function certificateStep(order: Order): TimelineStep {
  const states = order.certificates.map((c) => upper(c.status));
  if (states.includes("READY")) return { text: "certificateReady", state: "done" };
  if (states.includes("REVOKED")) return { text: "certificateRevoked", state: "bad" };
  if (states.includes("FAILED")) return { text: "certificateFail", state: "now" };
  return { text: "certificateWait", state: "now" };
}

/** Milliseconds until the next look, given how long the page has been watching; false when settled. */
export function pollEvery(view: OrderView, watchedMs: number): number | false {
  if (!view.live) return false;
  if (watchedMs < 60_000) return 1_500;
  return watchedMs < 600_000 ? 5_000 : 20_000;
}
