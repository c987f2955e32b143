import { type AuditOut, type ChainOut, exportAudit, verifyAudit } from "@belgenet/api";
import { listAuditEventsInfiniteOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { DateTime, Page, PageHeader } from "@belgenet/ui";
import { notifyProblem } from "@belgenet/ui/notify";
import { ResourceTable } from "@belgenet/ui/table";
import { Alert, Button, Text } from "@mantine/core";
import { IconDownload, IconLink, IconLinkOff } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { saveFile } from "@/shared/saveFile";
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
  const fail = (error: unknown) => notifyProblem(error, t("common.error.faultText"), t("common.close"));
  const take = useMutation({
    mutationFn: async () => {
      const { data } = await exportAudit({ query: { action: action || undefined }, parseAs: "blob" });
      saveFile(data as unknown as Blob, "audit.csv");
    },
    onError: fail,
  });
  const check = useMutation({ mutationFn: async () => (await verifyAudit()).data, onError: fail });
  return (
    <Page title={t("admin.nav.audit")} width="wide">
      <PageHeader
        title={t("admin.nav.audit")}
        intro={t("admin.audit.intro")}
        actions={
          <>
            <Button variant="default" loading={check.isPending} onClick={() => check.mutate()}>
              {t("admin.audit.check")}
            </Button>
            <Button
              variant="default"
              leftSection={<IconDownload size={18} stroke={1.8} aria-hidden />}
              loading={take.isPending}
              onClick={() => take.mutate()}
            >
              {t("admin.audit.export")}
            </Button>
          </>
        }
      />
      <div role="status">{check.data ? <Verdict {...check.data} /> : null}</div>
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

/** What the check of the chain of hashes found. */
function Verdict({ whole, sealed, finding }: ChainOut) {
  const t = useT();
  return (
    <Alert
      mb="lg"
      color={whole ? "green" : "red"}
      icon={whole ? <IconLink size={20} /> : <IconLinkOff size={20} />}
      title={whole ? t("admin.audit.whole") : t("admin.audit.broken")}
    >
      {whole ? t("admin.audit.wholeText", { count: sealed }) : t("admin.audit.brokenText")}
      {finding ? (
        <Text size="sm" mt={4} lang="en">
          {t("admin.audit.finding", { finding })}
        </Text>
      ) : null}
    </Alert>
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
