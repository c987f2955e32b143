import { describe, expect, test } from "vitest";
import type { Order } from "./api";
import { orderView, pollEvery } from "./orderView";

const money = (amount: string) => ({ amount, currency: "TRY" });

function order(
  status: string,
  payment?: { state: string; decline?: string },
  certificate?: string,
  kind = "kurban_share",
): Order {
  const base = {
    id: "o",
    number: "N",
    total: money("10.00"),
    paid: money("0.00"),
    refunded: money("0.00"),
    currency: "TRY",
    hold_expires_at: null,
    created_at: "2026-01-01T00:00:00Z",
    version: 1,
  };
  return {
    ...base,
    status,
    lines: [
      {
        id: "l",
        kind,
        ref: "r",
        title: "T",
        quantity: 1,
        unit_price: money("10.00"),
        total: money("10.00"),
        tax: money("0.00"),
        tax_rate_percent: "0",
        state: "held",
        details: {},
      },
    ],
    payments: payment
      ? [
          {
            id: "p",
            provider: "iyzico",
            amount: money("10.00"),
            created_at: "2026-01-01T00:00:00Z",
            decline: payment.decline ?? null,
            state: payment.state,
          },
        ]
      : [],
    certificates: certificate ? [{ id: "c", status: certificate, code: "C" }] : [],
  };
}

describe("what the order page says", () => {
  test.each([
    [order("pending"), "pending", false, true],
    [order("pending", { state: "pending" }), "pending", true, true],
    [order("pending", { state: "unknown" }), "unknown", true, false],
    [order("pending", { state: "failed", decline: "expired_card" }), "failed", false, true],
    [order("partially_paid", { state: "confirmed" }), "partial", true, true],
    [order("paid", { state: "confirmed" }), "paid", true, false],
    [order("paid", { state: "confirmed" }, "GENERATING"), "paid", true, false],
    [order("paid", { state: "confirmed" }, "READY"), "ready", false, false],
    [order("paid", { state: "confirmed" }, undefined, "course"), "coursePaid", false, false],
    [order("paid_unallocated", { state: "confirmed" }), "unallocated", true, false],
    [order("expired"), "expired", false, false],
    [order("canceled"), "canceled", false, false],
    [order("refunded", { state: "refunded" }, "REVOKED"), "refunded", false, false],
  ])("%#: %o", (given, headline, live, canPay) => {
    expect(orderView(given)).toMatchObject({ headline, live, canPay });
  });

  test.each([
    [order("pending"), "placed done, allocated done, paymentWait now, certificate wait"],
    [
      order("paid", { state: "confirmed" }),
      "placed done, allocated done, paymentDone done, certificateWait now",
    ],
    [
      order("paid_unallocated", { state: "confirmed" }),
      "placed done, paymentDone done, allocatedWait now, certificate wait",
    ],
    [
      order("refunded", { state: "refunded" }, "REVOKED"),
      "placed done, paymentDone done, released bad, certificateRevoked bad",
    ],
    [order("expired"), "placed done, paymentNone bad"],
    [order("pending", undefined, undefined, "course"), "placed done, paymentWait now, enrolledWait wait"],
    [
      order("paid", { state: "confirmed" }, undefined, "course"),
      "placed done, paymentDone done, enrolled done",
    ],
  ])("the steps come in the order in which they happen, %#", (given, said) => {
    expect(
      orderView(given)
        .steps.map((step) => `${step.text} ${step.state}`)
        .join(", "),
    ).toBe(said);
  });

  test("nobody is invited to pay again while the result is unknown", () => {
    expect(orderView(order("pending", { state: "unknown" }))).toMatchObject({
      canPay: false,
      canCancel: false,
    });
  });

  test("a refusal keeps its reason", () => {
    expect(orderView(order("pending", { state: "failed", decline: "expired_card" })).decline).toBe(
      "expired_card",
    );
  });

  test("the last payment counts, whatever order they come in", () => {
    const given = order("pending", { state: "failed" });
    given.payments.unshift({
      id: "p2",
      provider: "stripe",
      amount: money("10.00"),
      created_at: "2026-01-02T00:00:00Z",
      decline: null,
      state: "pending",
    });
    expect(orderView(given).headline).toBe("pending");
  });
});

test("watching slows down and ends when nothing more will happen", () => {
  const live = orderView(order("paid", { state: "confirmed" }));
  expect([0, 61_000, 700_000].map((ms) => pollEvery(live, ms))).toEqual([1_500, 5_000, 20_000]);
  expect(pollEvery(orderView(order("expired")), 0)).toBe(false);
});
