import type { ReviewOut } from "@belgenet/api";
import { listPaymentReviewsInfiniteOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { EmptyState, ErrorState, Page, PageHeader, RowsSkeleton, Surface } from "@belgenet/ui";
import { Button } from "@mantine/core";
import { IconGavel } from "@tabler/icons-react";
import { Link } from "react-router";
import { useList } from "../shared/useList";
import { ReviewList } from "./ReviewList";

export function ReviewsPage() {
  const t = useT();
  const list = useList<ReviewOut>(listPaymentReviewsInfiniteOptions({ query: { limit: 50 } }));
  return (
    <Page title={t("admin.nav.reviews")} width="wide">
      <PageHeader
        title={t("admin.nav.reviews")}
        intro={t("admin.reviews.intro")}
        actions={
          <Button component={Link} to="/admin/webhooks" variant="default">
            {t("admin.webhooks.title")}
          </Button>
        }
      />
      {list.rows?.length === 0 ? (
        <EmptyState icon={<IconGavel size={26} stroke={1.6} />} title={t("admin.reviews.empty")} />
      ) : null}
      {list.rows ? (
        list.rows.length > 0 ? (
          <Surface>
            <ReviewList reviews={list.rows} withOrder />
          </Surface>
        ) : null
      ) : list.error ? (
        <ErrorState error={list.error} onRetry={list.onRetry} />
      ) : (
        <RowsSkeleton />
      )}
      {list.hasMore ? (
        <Button variant="default" mt="lg" loading={list.busy} onClick={list.onMore}>
          {t("common.more")}
        </Button>
      ) : null}
    </Page>
  );
}
