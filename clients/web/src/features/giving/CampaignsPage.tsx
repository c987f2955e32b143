import { useLocale, useT } from "@belgenet/i18n";
import { CardsSkeleton, EmptyState, ErrorState, Page, PageHeader } from "@belgenet/ui";
import { Title } from "@mantine/core";
import { IconCertificate, IconFileText, IconHeartHandshake } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTenant } from "@/app/TenantContext";
import css from "@/shared/Cards.module.css";
import { tagline } from "@/shared/texts";
import { campaignsQuery } from "./api";
import { CampaignCardView } from "./CampaignCardView";

/** Home of a charity: what can be given to, and how it works. */
export function CampaignsPage() {
  const t = useT();
  const tenant = useTenant();
  const { data, error, refetch } = useQuery(campaignsQuery({ query: { limit: 50 } }));
  return (
    <Page title={tenant.name}>
      <PageHeader
        title={tagline(tenant.branding.tagline, useLocale()) || t("giving.list.title")}
        intro={t("giving.list.intro")}
      />
      <section aria-labelledby="campaigns">
        <Title order={2} id="campaigns" className="bn-visually-hidden">
          {t("giving.list.open")}
        </Title>
        {data ? (
          data.items.length > 0 ? (
            <div className={css.grid} data-single={data.items.length === 1 || undefined}>
              {data.items.map((campaign) => (
                <CampaignCardView key={campaign.id} campaign={campaign} />
              ))}
            </div>
          ) : (
            <EmptyState
              icon={<IconHeartHandshake size={26} stroke={1.6} />}
              title={t("giving.list.emptyTitle")}
            >
              {t("giving.list.emptyText")}
            </EmptyState>
          )
        ) : error ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : (
          <CardsSkeleton />
        )}
      </section>
      <HowItWorks />
    </Page>
  );
}

function HowItWorks() {
  const t = useT();
  const steps = [
    { Icon: IconHeartHandshake, title: t("giving.how.choose"), text: t("giving.how.chooseText") },
    { Icon: IconFileText, title: t("giving.how.proxy"), text: t("giving.how.proxyText") },
    { Icon: IconCertificate, title: t("giving.how.certificate"), text: t("giving.how.certificateText") },
  ];
  return (
    <section className={css.how} aria-labelledby="how">
      <Title order={2} id="how">
        {t("giving.list.how")}
      </Title>
      <ol className={css.steps}>
        {steps.map(({ Icon, title, text }) => (
          <li key={title}>
            <Icon size={26} stroke={1.5} aria-hidden />
            <h3>{title}</h3>
            <p>{text}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}
