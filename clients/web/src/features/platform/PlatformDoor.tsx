import { listTenantsOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { DateTime, EmptyState, ErrorState, Page, PageHeader, RowsSkeleton, Surface } from "@belgenet/ui";
import { Button, Stack, Text } from "@mantine/core";
import { IconBuildingCommunity } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { useAuth } from "@/app/AuthContext";

/** The bare host. Which institutions live here is nobody's business but the platform administrators'. */
export function PlatformDoor() {
  const t = useT();
  const { account } = useAuth();
  if (account?.roles.includes("SUPER_ADMIN")) return <Tenants />;
  return (
    <Page title="BelgeNet" width="narrow">
      <PageHeader title={t("common.platform.title")} intro={t("common.platform.text")} />
      {account ? null : (
        <Button component={Link} to="/sign-in" variant="light">
          {t("common.platform.signIn")}
        </Button>
      )}
    </Page>
  );
}

function Tenants() {
  const t = useT();
  const { data, error, refetch } = useQuery(listTenantsOptions());
  return (
    <Page title={t("common.platform.tenants")}>
      <PageHeader title={t("common.platform.tenants")} intro={t("common.platform.tenantsIntro")} />
      {data?.items.length === 0 ? (
        <EmptyState icon={<IconBuildingCommunity size={26} />} title={t("common.platform.empty")} />
      ) : null}
      {data ? (
        <Stack>
          {data.items.map((tenant) => (
            <Surface key={tenant.id} as="article">
              <Text fw={640} size="lg">
                {tenant.name}
              </Text>
              <Text c="dimmed">
                {t(`common.platform.${tenant.kind}`)} · {tenant.hosts.join(", ")} ·{" "}
                <DateTime value={tenant.created_at} kind="date" />
              </Text>
            </Surface>
          ))}
        </Stack>
      ) : error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <RowsSkeleton />
      )}
    </Page>
  );
}
