import type { WebhookOut } from "@belgenet/api";
import { listWebhooksInfiniteOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { EmptyState, ErrorState, Page, PageHeader, RowsSkeleton, Surface } from "@belgenet/ui";
import { Anchor, Button, SegmentedControl } from "@mantine/core";
import { IconArrowLeft, IconBellOff } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { useList } from "../shared/useList";
import { WebhookList } from "./WebhookList";

type Shown = "unmatched" | "dismissed";

/** What providers reported about payments we do not know. */
export function WebhooksPage() {
  const t = useT();
  const [state, setState] = useState<Shown>("unmatched");
  const list = useList<WebhookOut>(listWebhooksInfiniteOptions({ query: { limit: 50, state } }));
  return (
    <Page title={t("admin.webhooks.title")} width="wide">
      <PageHeader
        before={
          <Anchor component={Link} to="/admin/reviews" size="sm">
            <IconArrowLeft size={15} aria-hidden /> {t("admin.nav.reviews")}
          </Anchor>
        }
        title={t("admin.webhooks.title")}
        intro={t("admin.webhooks.intro")}
      />
      <SegmentedControl
        mb="lg"
        aria-label={t("admin.list.status")}
        value={state}
        onChange={(value) => setState(value as Shown)}
        data={[
          { value: "unmatched", label: t("admin.webhooks.unmatched") },
          { value: "dismissed", label: t("admin.webhooks.dismissed") },
        ]}
      />
      {list.rows?.length === 0 ? (
        <EmptyState icon={<IconBellOff size={26} stroke={1.6} />} title={t("admin.webhooks.empty")} />
      ) : null}
      {list.rows ? (
        list.rows.length > 0 ? (
          <Surface>
            <WebhookList webhooks={list.rows} />
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
