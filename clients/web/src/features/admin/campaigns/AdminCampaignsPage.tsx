import type { AdminCampaignOut } from "@belgenet/api";
import { listAdminCampaignsInfiniteOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { DateTime, EmptyState, Page, PageHeader, StatusBadge } from "@belgenet/ui";
import { ResourceTable } from "@belgenet/ui/table";
import { Button } from "@mantine/core";
import { IconHeartHandshake } from "@tabler/icons-react";
import { Link } from "react-router";
import css from "../shared/List.module.css";
import { CAMPAIGN_TONE } from "../shared/tones";
import { useList } from "../shared/useList";

export function AdminCampaignsPage() {
  const t = useT();
  const list = useList<AdminCampaignOut>(listAdminCampaignsInfiniteOptions({ query: { limit: 50 } }));
  const create = (
    <Button component={Link} to="/admin/campaigns/new">
      {t("admin.campaigns.new")}
    </Button>
  );
  return (
    <Page title={t("admin.nav.campaigns")} width="wide">
      <PageHeader title={t("admin.nav.campaigns")} intro={t("admin.campaigns.intro")} actions={create} />
      <ResourceTable
        label={t("admin.nav.campaigns")}
        {...list}
        empty={
          <EmptyState
            icon={<IconHeartHandshake size={26} stroke={1.6} />}
            title={t("admin.campaigns.empty")}
            action={create}
          />
        }
        columns={[
          {
            accessor: "title",
            title: t("admin.campaigns.title"),
            render: (c) => (
              <>
                <Link to={`/admin/campaigns/${c.id}`} className={css.strong}>
                  {c.title}
                </Link>
                <span className={css.sub}>{c.region}</span>
              </>
            ),
          },
          {
            accessor: "status",
            title: t("admin.list.status"),
            render: (c) => (
              <StatusBadge tone={CAMPAIGN_TONE[c.status]}>
                {t(`admin.campaigns.status.${c.status}`)}
              </StatusBadge>
            ),
          },
          {
            accessor: "slaughter_date",
            title: t("admin.campaigns.date"),
            render: (c) => <DateTime value={c.slaughter_date} kind="shortDate" />,
          },
          {
            accessor: "sold_shares",
            title: t("admin.campaigns.sold"),
            textAlign: "right",
            render: (c) => t("admin.campaigns.soldOf", { sold: c.sold_shares, total: c.total_shares }),
          },
        ]}
      />
    </Page>
  );
}
