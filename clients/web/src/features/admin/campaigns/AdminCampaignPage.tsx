import { type AdminCampaignOut, ifMatch, patchCampaign } from "@belgenet/api";
import { getAdminCampaignOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { ErrorState, Page, PageHeader, PageSkeleton, StatusBadge } from "@belgenet/ui";
import { Anchor, Button } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "react-router";
import { NotFound } from "@/app/NotFoundPage";
import { isMissing } from "@/shared/errors";
import css from "../shared/List.module.css";
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
  const isNew = id === "new";
  const { data, error, refetch } = useQuery({
    ...getAdminCampaignOptions({ path: { campaign_id: id } }),
    enabled: !isNew,
  });
  const back = (
    <Anchor component={Link} to="/admin/campaigns" size="sm">
      <IconArrowLeft size={15} aria-hidden /> {t("admin.nav.campaigns")}
    </Anchor>
  );
  if (isNew)
    return (
      <Page title={t("admin.campaigns.new")} width="wide">
        <PageHeader before={back} title={t("admin.campaigns.new")} />
        <CampaignForm
          onSaved={(campaign) => void navigate(`/admin/campaigns/${campaign.id}`, { replace: true })}
        />
      </Page>
    );
  if (!data) {
    if (isMissing(error)) return <NotFound />;
    return error ? (
      <Page width="wide">
        <ErrorState error={error} heading={1} onRetry={() => void refetch()} />
      </Page>
    ) : (
      <PageSkeleton />
    );
  }
  return (
    <Page title={data.title} width="wide">
      <PageHeader
        before={back}
        title={data.title}
        intro={
          <StatusBadge size="xl" tone={CAMPAIGN_TONE[data.status]}>
            {t(`admin.campaigns.status.${data.status}`)}
          </StatusBadge>
        }
        actions={<StatusButtons campaign={data} />}
      />
      <div className={css.grid}>
        <OptionsCard campaign={data} />
        <CampaignForm key={data.version} campaign={data} />
        <Herd campaignId={data.id} />
      </div>
    </Page>
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
