import { listCertificateTemplatesOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { DateTime, EmptyState, ErrorState, Page, PageHeader, RowsSkeleton, StatusBadge } from "@belgenet/ui";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { kindKey } from "@/features/certificates/labels";
import list from "@/shared/List.module.css";

export function TemplatesPage() {
  const t = useT();
  const { data, error, refetch } = useQuery(listCertificateTemplatesOptions());
  return (
    <Page title={t("admin.nav.templates")} width="wide">
      <PageHeader title={t("admin.nav.templates")} intro={t("admin.templates.intro")} />
      {data?.items.length === 0 ? <EmptyState title={t("admin.templates.empty")} /> : null}
      {data ? (
        <ul className={list.list}>
          {data.items.map((template) => (
            <li key={`${template.kind}-${template.locale}`} className={list.row}>
              <div className={list.what}>
                <Link to={`/admin/templates/${template.kind}/${template.locale}`} className={list.link}>
                  {t(kindKey(template.kind))} – {template.locale.toUpperCase()}
                </Link>
                {template.changed_at ? (
                  <span>
                    {t("admin.templates.version", { version: template.version })} ·{" "}
                    <DateTime value={template.changed_at} />
                  </span>
                ) : null}
              </div>
              <StatusBadge tone={template.customized ? "wait" : "neutral"}>
                {template.customized ? t("admin.templates.customized") : t("admin.templates.standard")}
              </StatusBadge>
            </li>
          ))}
        </ul>
      ) : error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <RowsSkeleton />
      )}
    </Page>
  );
}
