import { useT } from "@belgenet/i18n";
import {
  DateTime,
  EmptyState,
  ErrorState,
  Money,
  Page,
  PageHeader,
  RowsSkeleton,
  StatusBadge,
} from "@belgenet/ui";
import { Button } from "@mantine/core";
import { IconReceipt } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { useTenant } from "@/app/TenantContext";
import css from "@/shared/List.module.css";
import { paging } from "@/shared/paging";
import { myOrdersQuery } from "./api";
import { statusTone } from "./orderView";

export function MyOrdersPage() {
  const t = useT();
  const academy = useTenant().kind === "academy";
  const title = academy ? t("orders.mine.title") : t("orders.mine.donations");
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    ...myOrdersQuery({ query: { limit: 20 } }),
    ...paging,
  });
  const orders = data?.pages.flatMap((page) => page.items);
  return (
    <Page title={title}>
      <PageHeader title={title} intro={t("orders.mine.intro")} />
      {orders?.length === 0 ? (
        <EmptyState
          icon={<IconReceipt size={26} stroke={1.6} />}
          title={t("orders.mine.empty")}
          action={
            <Button component={Link} to="/">
              {t("orders.mine.start")}
            </Button>
          }
        >
          {t("orders.mine.emptyText")}
        </EmptyState>
      ) : null}
      {orders ? (
        <ul className={css.list}>
          {orders.map((order) => (
            <li key={order.id} className={css.row}>
              <div className={css.what}>
                <Link to={`/orders/${order.id}`} className={css.link}>
                  {order.lines.map((line) => line.title).join(", ") || order.number}
                </Link>
                <span>
                  {order.number} · <DateTime value={order.created_at} />
                </span>
              </div>
              <StatusBadge tone={statusTone(order.status)}>
                {t(`orders.status.${order.status}` as "orders.status.paid")}
              </StatusBadge>
              <strong className={css.end}>
                <Money value={order.total} />
              </strong>
            </li>
          ))}
        </ul>
      ) : error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <RowsSkeleton />
      )}
      {hasNextPage ? (
        <Button variant="default" mt="lg" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t("common.more")}
        </Button>
      ) : null}
    </Page>
  );
}
