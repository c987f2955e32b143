import { ApiError } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { EmptyState, ErrorState, Page } from "@belgenet/ui";
import { Button } from "@mantine/core";
import { IconTool } from "@tabler/icons-react";
import { useEffect } from "react";
import { isRouteErrorResponse, Link, useRouteError } from "react-router";
import { NotFound } from "./NotFoundPage";

const RELOADED = "bn-chunk-reload";
const isChunkError = (error: unknown): boolean =>
  error instanceof Error &&
  /dynamically imported module|Importing a module script failed/i.test(error.message);

/** Error boundary of every route. A chunk that a new release removed is fetched again by one reload. */
export function RouteError() {
  const t = useT();
  const error = useRouteError();
  useEffect(() => {
    if (!isChunkError(error) || sessionStorage.getItem(RELOADED) === location.pathname) return;
    sessionStorage.setItem(RELOADED, location.pathname);
    location.reload();
  }, [error]);
  if (isRouteErrorResponse(error) && error.status === 404) return <NotFound />;
  const home = (
    <Button component={Link} to="/" variant="subtle" reloadDocument>
      {t("common.error.toHome")}
    </Button>
  );
  return (
    <Page title={t("common.error.crashTitle")}>
      {error instanceof ApiError ? (
        <ErrorState error={error} heading={1} onRetry={() => location.reload()} action={home} />
      ) : (
        <EmptyState
          heading={1}
          icon={<IconTool size={26} stroke={1.6} />}
          title={t("common.error.crashTitle")}
          action={
            <>
              <Button onClick={() => location.reload()}>{t("common.error.reload")}</Button>
              {home}
            </>
          }
        >
          {t("common.error.crashText")}
        </EmptyState>
      )}
    </Page>
  );
}
