import { ApiError } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { ErrorState, Page, PageSkeleton } from "@belgenet/ui";
import { Button } from "@mantine/core";
import { Link, Navigate, Outlet, useLocation } from "react-router";
import { useAuth } from "./AuthContext";

/** Pages of the signed-in person; visitors go to sign-in and come back here. */
export function RequireMember() {
  const { status } = useAuth();
  const { pathname, search } = useLocation();
  if (status === "loading") return <PageSkeleton />;
  if (status === "visitor")
    return <Navigate to={`/sign-in?next=${encodeURIComponent(pathname + search)}`} replace />;
  return <Outlet />;
}

/** Pages of administrators. The server checks again; this only spares people a dead end. */
export function RequireAdmin() {
  const t = useT();
  const { status, isAdmin } = useAuth();
  if (status === "member" && !isAdmin)
    return (
      <Page width="narrow">
        <ErrorState
          error={new ApiError(403, "forbidden", "")}
          heading={1}
          action={
            <Button component={Link} to="/" variant="light">
              {t("common.error.toHome")}
            </Button>
          }
        />
      </Page>
    );
  return <RequireMember />;
}
