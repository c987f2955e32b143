import type { AuditOut } from "@belgenet/api";
import { listAuditEventsInfiniteOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { DateTime, Page, PageHeader } from "@belgenet/ui";
import { ResourceTable } from "@belgenet/ui/table";
import own from "./orders/Orders.module.css";
import css from "./shared/List.module.css";
import { Filters, SearchBox } from "./shared/ListFilters";
import { useList } from "./shared/useList";
import { useUrlState } from "./shared/useUrlState";

export function AuditPage() {
  const t = useT();
  const [action, setAction] = useUrlState("action");
  const list = useList<AuditOut>(
    listAuditEventsInfiniteOptions({ query: { limit: 50, action: action || undefined } }),
  );
  return (
    <Page title={t("admin.nav.audit")} width="wide">
      <PageHeader title={t("admin.nav.audit")} intro={t("admin.audit.intro")} />
      <Filters>
        <SearchBox value={action} hint={t("admin.audit.searchHint")} onChange={setAction} />
      </Filters>
      <ResourceTable
        label={t("admin.nav.audit")}
        {...list}
        empty={t("admin.audit.empty")}
        count={list.rows ? t("admin.list.shown", { count: list.rows.length }) : undefined}
        columns={[
          {
            accessor: "created_at",
            title: t("admin.audit.at"),
            render: (row) => <DateTime value={row.created_at} />,
          },
          {
            accessor: "actor_name",
            title: t("admin.audit.actor"),
            render: (row) => (
              <>
                {row.actor_name ?? "–"}
                <span className={css.sub}>{row.actor_address}</span>
              </>
            ),
          },
          {
            accessor: "action",
            title: t("admin.audit.action"),
            render: (row) => <strong>{row.action}</strong>,
          },
          {
            accessor: "target_id",
            title: t("admin.audit.target"),
            render: (row) => (
              <>
                {row.target_type}
                <span className={css.sub}>{row.target_id}</span>
              </>
            ),
          },
          { accessor: "after", title: t("admin.audit.change"), render: (row) => <Change row={row} /> },
        ]}
      />
    </Page>
  );
}

function Change({ row }: { row: AuditOut }) {
  const t = useT();
  if (!row.before && !row.after) return null;
  return (
    <div className={own.events}>
      <details>
        <summary className={css.sub}>{t("admin.audit.change")}</summary>
        <pre>{JSON.stringify({ before: row.before, after: row.after }, null, 2)}</pre>
      </details>
    </div>
  );
}
