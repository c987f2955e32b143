import { isZero, useT } from "@belgenet/i18n";
import { Money } from "@belgenet/ui";
import type { Order } from "./api";
import css from "./OrderPage.module.css";

interface Person {
  full_name: string;
  intention?: string;
}

/** People of a share line; details are free-form JSON, so nothing is taken for granted. */
export function participantsOf(details: unknown): Person[] {
  const list = (details as { participants?: unknown } | null)?.participants;
  return Array.isArray(list)
    ? list.filter((p): p is Person => typeof (p as Person)?.full_name === "string")
    : [];
}

/** What was ordered, for whom, and the sums. */
export function OrderLines({ order }: { order: Order }) {
  const t = useT();
  return (
    <>
      {order.lines.map((line) => (
        <div key={line.id} className={css.line}>
          <div className={css.lineHead}>
            <span>
              {line.title}
              {line.quantity > 1 ? ` × ${line.quantity}` : ""}
              {line.state === "revoked" ? ` (${t("orders.page.lineRefunded")})` : ""}
            </span>
            <Money value={line.total} full />
          </div>
          <ul className={css.people}>
            {participantsOf(line.details).map((p, i) => (
              <li key={`${i}-${p.full_name}`}>
                {p.full_name}
                {p.intention
                  ? ` · ${t(`giving.kind.${p.intention}` as "giving.kind.vacip", { defaultValue: p.intention })}`
                  : ""}
              </li>
            ))}
          </ul>
        </div>
      ))}
      <dl className={css.sums}>
        <div>
          <dt>{t("orders.page.total")}</dt>
          <dd>
            <Money value={order.total} full />
          </dd>
        </div>
        <div>
          <dt>{t("orders.page.paid")}</dt>
          <dd>
            <Money value={order.paid} full />
          </dd>
        </div>
        {isZero(order.refunded) ? null : (
          <div>
            <dt>{t("orders.page.refunded")}</dt>
            <dd>
              <Money value={order.refunded} full />
            </dd>
          </div>
        )}
      </dl>
    </>
  );
}
