import type { LedgerLineOut, OrderEventOut, RefundOut } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { DateTime, Money, StatusBadge, type Tone } from "@belgenet/ui";
import { Text } from "@mantine/core";
import css from "../shared/List.module.css";
import own from "./Orders.module.css";

const TONE: Record<string, Tone> = { done: "good", failed: "bad", unknown: "attention", external: "neutral" };

export function RefundList({ refunds }: { refunds: RefundOut[] }) {
  const t = useT();
  if (refunds.length === 0) return <Text c="dimmed">{t("admin.order.noRefunds")}</Text>;
  return refunds.map((refund) => (
    <div key={refund.id} className={css.head}>
      <div>
        <strong>
          <Money value={refund.amount} full />
        </strong>{" "}
        · {refund.reason}
        <span className={css.sub}>
          <DateTime value={refund.created_at} />
          {refund.error ? ` · ${refund.error}` : ""}
        </span>
      </div>
      <StatusBadge tone={TONE[refund.state] ?? "wait"}>
        {t(`admin.refundState.${refund.state}` as "admin.refundState.done", { defaultValue: refund.state })}
      </StatusBadge>
    </div>
  ));
}

/** What happened to the order, newest first; the technical details unfold. */
export function EventList({ events }: { events: OrderEventOut[] }) {
  const t = useT();
  return (
    <ol className={own.events}>
      {[...events]
        .sort((a, b) => b.at.localeCompare(a.at))
        .map((event) => (
          <li key={event.id}>
            <strong title={event.kind}>
              {t(`admin.orderEvent.${event.kind.replace(".", "_")}` as "admin.orderEvent.order_paid", {
                defaultValue: event.kind,
              })}
            </strong>
            <span className={css.sub}>
              <DateTime value={event.at} />
              {event.actor ? ` · ${event.actor}` : ""}
            </span>
            {Object.keys(event.details).length > 0 ? (
              <details>
                <summary className={css.sub}>{t("admin.orderEvent.details")}</summary>
                <pre>{JSON.stringify(event.details, null, 2)}</pre>
              </details>
            ) : null}
          </li>
        ))}
    </ol>
  );
}

export function LedgerTable({ lines }: { lines: LedgerLineOut[] }) {
  const t = useT();
  if (lines.length === 0) return <Text c="dimmed">{t("common.none")}</Text>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <div className={own.scroll} tabIndex={0} role="group" aria-label={t("admin.order.account")}>
      <table className={own.ledger}>
        <thead>
          <tr>
            <th scope="col">{t("admin.list.created")}</th>
            <th scope="col">{t("admin.order.account")}</th>
            <th scope="col" className={own.amount}>
              {t("admin.order.debit")}
            </th>
            <th scope="col" className={own.amount}>
              {t("admin.order.credit")}
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.id}>
              <td>
                <DateTime value={line.at} />
              </td>
              <td className={own.account}>
                <AccountName account={line.account} />
              </td>
              <td className={own.amount}>{line.debit ? <Money value={line.debit} full /> : ""}</td>
              <td className={own.amount}>{line.credit ? <Money value={line.credit} full /> : ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** `kind` or `kind:of what`: a provider's name is shown, an id is only in the tooltip. */
function AccountName({ account }: { account: string }) {
  const t = useT();
  const [kind = "", of = ""] = account.split(":");
  const provider = /^[a-z]+$/.test(of) ? ` (${of})` : "";
  return (
    <span title={account}>
      {t(`admin.account.${kind}` as "admin.account.psp_fees", { defaultValue: kind }) + provider}
    </span>
  );
}
