import type { ManagedTenantOut } from "@belgenet/api";
import { listTenantsInfiniteOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { DateTime, EmptyState, ErrorState, Page, PageHeader, RowsSkeleton, StatusBadge } from "@belgenet/ui";
import { Button } from "@mantine/core";
import { IconBuildingCommunity } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import css from "@/shared/List.module.css";
import { paging } from "@/shared/paging";
import { NewTenantDialog } from "./NewTenantDialog";

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
            <TenantRow key={tenant.id} tenant={tenant} />
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

function TenantRow({ tenant }: { tenant: ManagedTenantOut }) {
  const t = useT();
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
    </li>
  );
}
