import type { AdminCertificateOut } from "@belgenet/api";
import { listCertificatesInfiniteOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { DateTime, Page, PageHeader, StatusBadge } from "@belgenet/ui";
import { ResourceTable } from "@belgenet/ui/table";
import { Button } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { DownloadButton } from "@/features/certificates/DownloadButton";
import { certificateTone, kindKey } from "@/features/certificates/labels";
import { RetryButton } from "@/features/certificates/RetryButton";
import css from "../shared/List.module.css";
import { FilterSelect, Filters, SearchBox } from "../shared/ListFilters";
import { useList } from "../shared/useList";
import { useUrlState } from "../shared/useUrlState";
import { ReissueDialog } from "./ReissueDialog";
import { RevokeDialog } from "./RevokeDialog";

const STATES = ["PENDING", "GENERATING", "READY", "FAILED", "REVOKED"] as const;
type Asking = { act: "reissue" | "revoke"; certificate: AdminCertificateOut } | null;

export function AdminCertificatesPage() {
  const t = useT();
  const [q, setQ] = useUrlState("q");
  const [status, setStatus] = useUrlState("status");
  const [asking, setAsking] = useState<Asking>(null);
  const list = useList<AdminCertificateOut>(
    listCertificatesInfiniteOptions({
      query: { limit: 50, q: q || undefined, status: STATES.find((s) => s === status) },
    }),
  );
  const label = (state: string) =>
    t(`certificates.status.${state.toLowerCase()}` as "certificates.status.ready");
  const close = () => setAsking(null);
  return (
    <Page title={t("admin.nav.certificates")} width="wide">
      <PageHeader title={t("admin.nav.certificates")} intro={t("admin.certificates.intro")} />
      <Filters>
        <SearchBox value={q} hint={t("admin.certificates.searchHint")} onChange={setQ} />
        <FilterSelect
          label={t("admin.list.status")}
          value={status}
          onChange={setStatus}
          options={STATES.map((value) => ({ value, label: label(value) }))}
        />
      </Filters>
      <ResourceTable
        label={t("admin.nav.certificates")}
        {...list}
        empty={t("admin.certificates.empty")}
        count={list.rows ? t("admin.list.shown", { count: list.rows.length }) : undefined}
        columns={[
          {
            accessor: "code",
            title: t("admin.certificates.code"),
            render: (c) => (
              <>
                <Link to={`/verify/${c.code}`} className={css.strong}>
                  {c.code}
                </Link>
                <span className={css.sub}>{c.number}</span>
              </>
            ),
          },
          {
            accessor: "recipient",
            title: t("admin.certificates.recipient"),
            render: (c) => (
              <>
                {c.recipient}
                <span className={css.sub}>{c.email}</span>
              </>
            ),
          },
          {
            accessor: "title",
            title: t("admin.certificates.what"),
            render: (c) => (
              <>
                {c.title ?? t(kindKey(c.kind))}
                <span className={css.sub}>
                  {c.issued_on ? (
                    <DateTime value={c.issued_on} kind="shortDate" />
                  ) : (
                    <DateTime value={c.created_at} />
                  )}
                </span>
              </>
            ),
          },
          {
            accessor: "status",
            title: t("admin.list.status"),
            render: (c) => (
              <>
                <StatusBadge tone={certificateTone(c.status)}>{label(c.status)}</StatusBadge>
                {c.last_error && c.status !== "READY" ? (
                  <span className={css.sub}>{c.last_error}</span>
                ) : null}
                {c.current ? null : (
                  <span className={css.sub}>
                    {t(c.replaces ? "certificates.takesPlace" : "admin.certificates.superseded")}
                  </span>
                )}
              </>
            ),
          },
          {
            accessor: "id",
            title: t("admin.list.actions"),
            textAlign: "right",
            width: 290,
            render: (c) => (
              <div className={css.actions}>
                {c.status === "READY" ? (
                  <DownloadButton id={c.id} code={c.code} short size="xs" variant="default" />
                ) : null}
                {c.current && c.status === "FAILED" && c.order_id ? (
                  <RetryButton order={c.order_id} lists={["listCertificates"]} size="xs" variant="default" />
                ) : null}
                {c.current && (c.status === "READY" || c.status === "FAILED") ? (
                  <Button
                    size="xs"
                    variant="default"
                    onClick={() => setAsking({ act: "reissue", certificate: c })}
                  >
                    {t("admin.certificates.reissue")}
                  </Button>
                ) : null}
                {c.status === "READY" ? (
                  <Button
                    size="xs"
                    variant="subtle"
                    color="red"
                    onClick={() => setAsking({ act: "revoke", certificate: c })}
                  >
                    {t("admin.certificates.revoke")}
                  </Button>
                ) : null}
              </div>
            ),
          },
        ]}
      />
      {asking?.act === "reissue" ? <ReissueDialog certificate={asking.certificate} onClose={close} /> : null}
      {asking?.act === "revoke" ? <RevokeDialog certificate={asking.certificate} onClose={close} /> : null}
    </Page>
  );
}
