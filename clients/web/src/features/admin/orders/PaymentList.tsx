import { type AdminPaymentOut, syncAdminPayment } from "@belgenet/api";
import { isZero, useT } from "@belgenet/i18n";
import { DateTime, Facts, Money, StatusBadge, type Tone } from "@belgenet/ui";
import { Button, Text } from "@mantine/core";
import css from "../shared/List.module.css";
import { useAction } from "../shared/useAction";
import own from "./Orders.module.css";

const TONE: Record<string, Tone> = {
  confirmed: "good",
  failed: "bad",
  pending: "wait",
  created: "wait",
  unknown: "attention",
};

/** Payments with every attempt at the provider. */
export function PaymentList({ payments }: { payments: AdminPaymentOut[] }) {
  const t = useT();
  const sync = useAction({
    run: (id: string) => syncAdminPayment({ path: { payment_id: id } }),
    stale: ["getAdminOrder", "listOrders"],
    done: () => t("admin.order.synced"),
  });
  if (payments.length === 0) return <Text c="dimmed">{t("admin.order.noPayments")}</Text>;
  return payments.map((payment) => (
    <article key={payment.id} className={own.payment}>
      <div className={css.head}>
        <strong>
          {payment.provider} · <Money value={payment.amount} full />
        </strong>
        <StatusBadge tone={TONE[payment.state] ?? "neutral"}>
          {t(`orders.payment.${payment.state}` as "orders.payment.pending")}
        </StatusBadge>
      </div>
      <Facts
        columns={3}
        items={[
          { label: t("admin.list.created"), value: <DateTime value={payment.created_at} /> },
          { label: t("admin.order.card"), value: payment.card },
          { label: t("admin.order.providerRef"), value: payment.provider_ref },
          isZero(payment.refundable)
            ? null
            : { label: t("admin.order.refundable"), value: <Money value={payment.refundable} full /> },
        ]}
      />
      <h3 className={own.small}>{t("admin.order.attempts")}</h3>
      <ul className={own.attempts}>
        {payment.attempts.map((attempt) => (
          <li key={attempt.id}>
            <span>
              <DateTime value={attempt.created_at} /> ·{" "}
              {t(`admin.attemptKind.${attempt.kind}` as "admin.attemptKind.checkout", {
                defaultValue: attempt.kind,
              })}{" "}
              ·{" "}
              {t(`orders.payment.${attempt.state}` as "orders.payment.pending", {
                defaultValue: attempt.state,
              })}
            </span>
            {attempt.decline || attempt.error ? (
              <span className={css.sub}>{[attempt.decline, attempt.error].filter(Boolean).join(" · ")}</span>
            ) : null}
            {attempt.provider_ref ? <code className={css.sub}>{attempt.provider_ref}</code> : null}
          </li>
        ))}
      </ul>
      <Button
        size="xs"
        variant="default"
        loading={sync.isPending && sync.variables === payment.id}
        onClick={() => sync.mutate(payment.id)}
      >
        {t("admin.order.sync")}
      </Button>
    </article>
  ));
}
