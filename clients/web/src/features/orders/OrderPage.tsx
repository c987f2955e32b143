import { useT } from "@belgenet/i18n";
import { Page, Surface, useFormat } from "@belgenet/ui";
import { Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useParams } from "react-router";
import { forgetDrafts } from "@/features/giving/checkout/draft";
import { NotYet } from "@/shared/NotYet";
import { type Order, orderQuery, syncOrder } from "./api";
import { OrderActions } from "./OrderActions";
import { OrderCertificates } from "./OrderCertificates";
import { OrderLines } from "./OrderLines";
import css from "./OrderPage.module.css";
import { orderView, pollEvery } from "./orderView";
import { Timeline } from "./Timeline";

/** The page people come back to from the payment. Everything on it is derived from the order, so a reload loses nothing. */
export function OrderPage() {
  const { id = "" } = useParams();
  const started = useRef(Date.now());
  const { data, error, refetch } = useQuery({
    ...orderQuery({ path: { order_id: id } }),
    refetchInterval: (query) =>
      query.state.data ? pollEvery(orderView(query.state.data), Date.now() - started.current) : false,
    staleTime: 0,
  });
  if (data) return <OrderView order={data} />;
  return <NotYet error={error} onRetry={() => void refetch()} />;
}

function OrderView({ order }: { order: Order }) {
  const t = useT();
  const view = orderView(order);
  useSyncOnce(order, view.live);
  useEffect(() => {
    if (order.status === "paid") forgetDrafts();
  }, [order.status]);
  return (
    <Page title={t("orders.page.title", { number: order.number })}>
      <div className={css.layout}>
        <div className={css.main}>
          <div className={css.headline} data-tone={view.tone}>
            <p className={css.number}>{t("orders.page.title", { number: order.number })}</p>
            <Title order={1} tabIndex={-1}>
              {t(`orders.headline.${view.headline}`)}
            </Title>
            <p className={css.text}>
              {t(`orders.headline.${view.headline}Text` as "orders.headline.paidText")}
            </p>
            {view.decline ? (
              <p className={css.hold}>
                {t(`orders.decline.${view.decline}` as "orders.decline.declined", {
                  defaultValue: t("orders.decline.declined"),
                })}
              </p>
            ) : null}
            {view.canPay && order.hold_expires_at ? (
              <p className={css.hold}>
                <HeldUntil at={order.hold_expires_at} />
              </p>
            ) : null}
          </div>
          <OrderCertificates order={order} />
          <OrderActions order={order} view={view} />
          <Surface as="section" aria-labelledby="lines">
            <Title order={2} size="h3" id="lines" mb="md">
              {t("orders.page.lines")}
            </Title>
            <OrderLines order={order} />
          </Surface>
        </div>
        <Timeline steps={view.steps} live={view.live} />
      </div>
    </Page>
  );
}

function HeldUntil({ at }: { at: string }) {
  const t = useT();
  return t("orders.page.until", { time: useFormat().time(at) });
}

/** Asks the provider once when the page opens on an unpaid order: the webhook may be late or lost. */
function useSyncOnce(order: Order, live: boolean): void {
  const queries = useQueryClient();
  const asked = useRef(false);
  const id = order.id;
  useEffect(() => {
    if (asked.current || !live || order.status !== "pending") return;
    asked.current = true;
    syncOrder({ path: { order_id: id } })
      .then(({ data }) => queries.setQueryData(orderQuery({ path: { order_id: id } }).queryKey, data))
      .catch(() => undefined);
  }, [id, live, order.status, queries]);
}
