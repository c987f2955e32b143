import { useT } from "@belgenet/i18n";
import { Cover, EmptyState, Facts, Page, PageHeader, useFormat } from "@belgenet/ui";
import { Alert, Anchor, Title } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { NotYet } from "@/shared/NotYet";
import { RichText } from "@/shared/RichText";
import { campaignQuery } from "./api";
import css from "./Campaign.module.css";
import { isClosed } from "./closed";
import { OptionCard } from "./OptionCard";

/** One campaign: what it is, where and when, and what can be chosen. */
export function CampaignPage() {
  const t = useT();
  const format = useFormat();
  const { slug = "" } = useParams();
  const { data, error, refetch } = useQuery(campaignQuery({ path: { campaign: slug } }));
  if (!data) return <NotYet error={error} onRetry={() => void refetch()} />;
  const closed = isClosed(data);
  const back = (
    <Anchor component={Link} to="/" className={css.back}>
      <IconArrowLeft size={18} aria-hidden /> {t("giving.campaign.back")}
    </Anchor>
  );
  return (
    <Page title={data.title}>
      <PageHeader before={back} title={data.title} intro={data.summary} />
      <div className={css.layout}>
        <div className={css.story}>
          <div className={css.cover}>
            <Cover src={data.image_url} seed={data.slug} ratio="2 / 1" />
          </div>
          <Facts
            columns={3}
            items={[
              { label: t("giving.campaign.region"), value: data.region },
              { label: t("giving.campaign.date"), value: format.date(data.slaughter_date) },
              {
                label: t("giving.campaign.closes"),
                value: `${format.date(data.closes_at)} ${format.time(data.closes_at)}`,
              },
            ]}
          />
          {data.description ? (
            <section aria-labelledby="about">
              <Title order={2} id="about">
                {t("giving.campaign.about")}
              </Title>
              <RichText text={data.description} />
            </section>
          ) : null}
        </div>
        <section aria-labelledby="options" className={css.options}>
          <Title order={2} id="options">
            {t("giving.campaign.options")}
          </Title>
          {closed ? <Alert color="yellow" title={t("giving.campaign.closed")} /> : null}
          {data.options.length === 0 ? <EmptyState title={t("giving.option.none")} /> : null}
          {data.options.map((option) => (
            <OptionCard key={option.id} option={option} slug={data.slug} closed={closed} />
          ))}
        </section>
      </div>
    </Page>
  );
}
