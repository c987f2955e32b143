import { ifMatch, type ManagedTenantOut, patchPlatformTenant } from "@belgenet/api";
import { listTenantsInfiniteOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { DateTime, EmptyState, ErrorState, Page, PageHeader, RowsSkeleton, StatusBadge } from "@belgenet/ui";
import { notifyProblem } from "@belgenet/ui/notify";
import { Button } from "@mantine/core";
import { IconBuildingCommunity } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useState } from "react";
import css from "@/shared/List.module.css";
import { paging } from "@/shared/paging";
import { EditTenantDialog } from "./EditTenantDialog";
import { NewTenantDialog } from "./NewTenantDialog";
import { SuspendDialog } from "./SuspendDialog";

/** The institutions of this installation, for platform administrators. */
export function TenantsPage() {
  const t = useT();
  const [creating, setCreating] = useState(false);
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    ...listTenantsInfiniteOptions({ query: { limit: 50 } }),
    ...paging,
  });
  const tenants = data?.pages.flatMap((page) => page.items);
  return (
    <Page title={t("common.platform.tenants")}>
      <PageHeader
        title={t("common.platform.tenants")}
        intro={t("common.platform.tenantsIntro")}
        actions={<Button onClick={() => setCreating(true)}>{t("common.platform.new")}</Button>}
      />
      {tenants?.length === 0 ? (
        <EmptyState
          icon={<IconBuildingCommunity size={26} stroke={1.6} />}
          title={t("common.platform.empty")}
        />
      ) : null}
      {tenants ? (
        <ul className={css.list}>
          {tenants.map((tenant) => (
            <TenantRow key={tenant.id} tenant={tenant} onChange={() => void refetch()} />
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
      {creating ? (
        <NewTenantDialog onClose={() => setCreating(false)} onCreated={() => void refetch()} />
      ) : null}
    </Page>
  );
}

function TenantRow({ tenant, onChange }: { tenant: ManagedTenantOut; onChange: () => void }) {
  const t = useT();
  const [dialog, setDialog] = useState<"edit" | "suspend" | null>(null);
  const resume = useMutation({
    mutationFn: () =>
      patchPlatformTenant({
        path: { tenant_key: tenant.id },
        headers: ifMatch(tenant.version),
        body: { suspended: false },
      }),
    onSuccess: onChange,
    onError: (error) => notifyProblem(error, t("common.error.faultText"), t("common.close")),
  });
  const shared = { tenant, onClose: () => setDialog(null), onSaved: onChange };
  return (
    <li className={css.row}>
      <div className={css.what}>
        <strong>{tenant.name}</strong>
        <span>
          {t(`common.platform.${tenant.kind}`)} · {tenant.domain ?? tenant.slug} ·{" "}
          <DateTime value={tenant.created_at} kind="date" />
        </span>
      </div>
      <StatusBadge tone={tenant.suspended ? "bad" : "good"}>
        {tenant.suspended ? t("common.platform.suspended") : t("common.platform.active")}
      </StatusBadge>
      <Button
        variant="default"
        size="xs"
        aria-label={t("common.platform.edit", { name: tenant.name })}
        onClick={() => setDialog("edit")}
      >
        {t("common.edit")}
      </Button>
      {tenant.suspended ? (
        <Button variant="light" size="xs" loading={resume.isPending} onClick={() => resume.mutate()}>
          {t("common.platform.resume")}
        </Button>
      ) : (
        <Button variant="subtle" color="red" size="xs" onClick={() => setDialog("suspend")}>
          {t("common.platform.suspend")}
        </Button>
      )}
      {dialog === "edit" ? <EditTenantDialog {...shared} /> : null}
      {dialog === "suspend" ? <SuspendDialog {...shared} /> : null}
    </li>
  );
}
