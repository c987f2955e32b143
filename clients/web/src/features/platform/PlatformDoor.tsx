import { useT } from "@belgenet/i18n";
import { Page, PageHeader, PageSkeleton } from "@belgenet/ui";
import { Button } from "@mantine/core";
import { lazy, Suspense } from "react";
import { Link } from "react-router";
import { useAuth } from "@/app/AuthContext";

const TenantsPage = lazy(async () => ({ default: (await import("./TenantsPage")).TenantsPage }));

/** The bare host. Which institutions live here is nobody's business but the platform administrators'. */
export function PlatformDoor() {
  const t = useT();
  const { account } = useAuth();
  if (account?.permissions.includes("platform:tenants"))
    return (
      <Suspense fallback={<PageSkeleton />}>
        <TenantsPage />
      </Suspense>
    );
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
