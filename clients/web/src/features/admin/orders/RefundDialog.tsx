import { type AdminOrderOut, newKey, refundOrder } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { ConfirmModal, useFormat } from "@belgenet/ui";
import { Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { readAmount, sumOfAmounts, writeAmount } from "../shared/amount";
import { useAction } from "../shared/useAction";

/** Gives money back. The key is made when the dialog opens, so a second click cannot refund twice. */
export function RefundDialog({
  data,
  opened,
  onClose,
}: {
  data: AdminOrderOut;
  opened: boolean;
  onClose: () => void;
}) {
  return opened ? <Dialog data={data} onClose={onClose} /> : null;
}

/** What the chosen lines cost, never more than what is left of the order's payments; null without lines. */
function priceOf(data: AdminOrderOut, chosen: string[]): string | null {
  if (chosen.length === 0) return null;
  const lines = data.refundable_lines.filter((line) => chosen.includes(line.line_id));
  const price = sumOfAmounts(lines.map((line) => line.amount.amount));
  const left = sumOfAmounts(data.payments.map((payment) => payment.refundable.amount));
  return Number(left) < Number(price) ? left : price;
}

function Dialog({ data, onClose }: { data: AdminOrderOut; onClose: () => void }) {
  const t = useT();
  const format = useFormat();
  const [key] = useState(newKey);
  const choices = data.payments.filter((payment) => Number(payment.refundable.amount) > 0);
  const [payment, setPayment] = useState(choices[0]?.id ?? "");
  const [lines, setLines] = useState<string[]>([]);
  const [amount, setAmount] = useState("");
  const [reason, setReason] = useState("");
  const prices = new Map(data.refundable_lines.map((line) => [line.line_id, line.amount]));
  const given = data.order.lines.filter((line) => prices.has(line.id));
  const price = priceOf(data, lines);
  const value = price ?? readAmount(amount);
  const refund = useAction({
    run: () =>
      refundOrder({
        path: { order_id: data.order.id },
        headers: { "Idempotency-Key": key },
        body: {
          payment_id: payment || null,
          line_ids: lines,
          reason: reason.trim(),
          amount: value ? { amount: value, currency: data.order.currency } : null,
        },
      }),
    stale: ["getAdminOrder", "listOrders"],
    done: () => t("admin.order.refundDone"),
    after: onClose,
    quiet: true,
  });
  const wrong = price === null && amount.trim() !== "" && value === null;
  return (
    <ConfirmModal
      opened
      danger
      title={t("admin.order.refundTitle")}
      text={t("admin.order.refundText")}
      confirm={t("admin.order.refund")}
      busy={refund.isPending}
      error={refund.error}
      disabled={wrong || reason.trim() === ""}
      onConfirm={() => refund.mutate()}
      onClose={onClose}
    >
      {choices.length > 1 ? (
        <NativeSelect
          label={t("admin.order.payments")}
          value={payment}
          onChange={(event) => setPayment(event.currentTarget.value)}
          data={choices.map((p) => ({ value: p.id, label: `${p.provider} · ${format.money(p.refundable)}` }))}
        />
      ) : null}
      {given.length > 1 ? (
        <Checkbox.Group
          label={t("admin.order.refundLines")}
          description={t("admin.order.refundLinesHint")}
          value={lines}
          onChange={setLines}
        >
          {given.map((line) => (
            <Checkbox
              key={line.id}
              mt="xs"
              value={line.id}
              label={`${line.title} × ${line.quantity} · ${format.money(prices.get(line.id) ?? line.total)}`}
            />
          ))}
        </Checkbox.Group>
      ) : null}
      <TextInput
        label={
          price ? t("admin.order.refundAmount") : `${t("admin.order.refundAmount")} (${t("common.optional")})`
        }
        placeholder={choices[0] ? format.money(choices[0].refundable, "full") : ""}
        inputMode="decimal"
        readOnly={price !== null}
        value={price ? writeAmount(price) : amount}
        onChange={(event) => setAmount(event.currentTarget.value)}
        error={wrong ? t("common.form.amount") : undefined}
      />
      <TextInput
        label={t("admin.order.refundReason")}
        required
        maxLength={200}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </ConfirmModal>
  );
}
