import type { AdminOrderRow } from "@belgenet/api";
import { listOrdersInfiniteOptions } from "@belgenet/api/query";
import { isZero, useT } from "@belgenet/i18n";
import { DateTime, Money, Page, PageHeader, StatusBadge } from "@belgenet/ui";
import { ResourceTable } from "@belgenet/ui/table";
import { Link } from "react-router";
import { statusTone } from "@/features/orders/orderView";
import css from "../shared/List.module.css";
import { FilterSelect, Filters, SearchBox } from "../shared/ListFilters";
import { useList } from "../shared/useList";
import { useUrlState } from "../shared/useUrlState";

const STATUSES = [
  "pending",
  "partially_paid",
  "paid",
  "paid_unallocated",
  "expired",
  "canceled",
  "partially_refunded",
  "refunded",
] as const;

export function OrdersPage() {
  const t = useT();
  const [q, setQ] = useUrlState("q");
  const [status, setStatus] = useUrlState("status");
  const list = useList<AdminOrderRow>(
    listOrdersInfiniteOptions({
      query: { limit: 50, q: q || undefined, status: (status || undefined) as never },
    }),
  );
  return (
    <Page title={t("admin.nav.orders")} width="wide">
      <PageHeader title={t("admin.nav.orders")} intro={t("admin.orders.intro")} />
      <Filters>
        <SearchBox value={q} hint={t("admin.orders.searchHint")} onChange={setQ} />
        <FilterSelect
          label={t("admin.list.status")}
          value={status}
          onChange={setStatus}
          options={STATUSES.map((value) => ({ value, label: t(`orders.status.${value}`) }))}
        />
      </Filters>
      <ResourceTable
        label={t("admin.nav.orders")}
        {...list}
        empty={t("admin.orders.empty")}
        count={list.rows ? t("admin.list.shown", { count: list.rows.length }) : undefined}
        columns={orderColumns(t)}
      />
    </Page>
  );
}

export const orderColumns = (t: ReturnType<typeof useT>) => [
  {
    accessor: "number",
    title: t("admin.orders.number"),
    render: (row: AdminOrderRow) => (
      <>
        <Link to={`/admin/orders/${row.id}`} className={css.strong}>
          {row.number}
        </Link>
        <span className={css.sub}>
          <DateTime value={row.created_at} />
        </span>
      </>
    ),
  },
  {
    accessor: "customer",
    title: t("admin.orders.customer"),
    render: (row: AdminOrderRow) => (
      <>
        {row.customer}
        <span className={css.sub}>{row.email}</span>
      </>
    ),
  },
  {
    accessor: "status",
    title: t("admin.list.status"),
    render: (row: AdminOrderRow) => (
      <StatusBadge tone={statusTone(row.status)}>
        {t(`orders.status.${row.status}` as "orders.status.paid")}
      </StatusBadge>
    ),
  },
  {
    accessor: "total",
    title: t("admin.orders.total"),
    textAlign: "right" as const,
    render: (row: AdminOrderRow) => <Money value={row.total} />,
  },
  {
    accessor: "paid",
    title: t("admin.orders.paid"),
    textAlign: "right" as const,
    render: (row: AdminOrderRow) => (isZero(row.paid) ? "–" : <Money value={row.paid} />),
  },
];
