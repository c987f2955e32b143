import { type AdminCampaignOut, ifMatch, patchCampaign } from "@belgenet/api";
import { getAdminCampaignOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { StatusBadge } from "@belgenet/ui";
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "react-router";
import css from "../shared/List.module.css";
import { RecordPage } from "../shared/RecordPage";
import { CAMPAIGN_TONE } from "../shared/tones";
import { useAction } from "../shared/useAction";
import { CampaignForm } from "./CampaignForm";
import { Herd } from "./Herd";
import { OptionsCard } from "./OptionsCard";

/** One campaign: its texts, options, prices and animals; `/admin/campaigns/new` starts one. */
export function AdminCampaignPage() {
  const t = useT();
  const navigate = useNavigate();
  const { id = "" } = useParams();
  const query = useQuery({
    ...getAdminCampaignOptions({ path: { campaign_id: id } }),
    enabled: id !== "new",
  });
  return (
    <RecordPage
      list={{ path: "/admin/campaigns", title: t("admin.nav.campaigns") }}
      newTitle={t("admin.campaigns.new")}
      query={query}
      create={
        <CampaignForm onSaved={(saved) => void navigate(`/admin/campaigns/${saved.id}`, { replace: true })} />
      }
      badge={({ status }) => (
        <StatusBadge size="xl" tone={CAMPAIGN_TONE[status]}>
          {t(`admin.campaigns.status.${status}`)}
        </StatusBadge>
      )}
      actions={(campaign) => <StatusButtons campaign={campaign} />}
    >
      {(campaign) => (
        <div className={css.grid}>
          <OptionsCard campaign={campaign} />
          <CampaignForm key={campaign.version} campaign={campaign} />
          <Herd campaignId={campaign.id} />
        </div>
      )}
    </RecordPage>
  );
}

function StatusButtons({ campaign }: { campaign: AdminCampaignOut }) {
  const t = useT();
  const change = useAction({
    run: (status: AdminCampaignOut["status"]) =>
      patchCampaign({
        path: { campaign_id: campaign.id },
        headers: ifMatch(campaign.version),
        body: { status },
      }),
    stale: ["getAdminCampaign", "listAdminCampaigns", "listCampaigns", "getCampaign"],
  });
  const published = campaign.status === "published";
  return (
    <>
      {published ? (
        <Button component={Link} to={`/campaigns/${campaign.slug}`} variant="default">
          {t("admin.campaigns.view")}
        </Button>
      ) : null}
      <Button
        variant={published ? "light" : "filled"}
        color={published ? "red" : undefined}
        loading={change.isPending}
        onClick={() => change.mutate(published ? "closed" : "published")}
      >
        {published
          ? t("admin.campaigns.close")
          : campaign.status === "closed"
            ? t("admin.campaigns.reopen")
            : t("admin.campaigns.publish")}
      </Button>
    </>
  );
}
