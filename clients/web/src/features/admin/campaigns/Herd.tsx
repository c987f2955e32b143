import type { AnimalOut } from "@belgenet/api";
import { listCampaignAnimalsInfiniteOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { ErrorState, RowsSkeleton, Surface } from "@belgenet/ui";
import { Button, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import css from "../shared/List.module.css";
import { useList } from "../shared/useList";
import own from "./Herd.module.css";

/** Every animal with its shares and whose they are. */
export function Herd({ campaignId }: { campaignId: string }) {
  const t = useT();
  const list = useList<AnimalOut>(
    listCampaignAnimalsInfiniteOptions({ path: { campaign_id: campaignId }, query: { limit: 25 } }),
  );
  return (
    <Surface as="section" aria-label={t("admin.campaigns.herd")}>
      <Title order={2} size="h4" mb="md">
        {t("admin.campaigns.herd")}
      </Title>
      {list.rows?.length === 0 ? <Text c="dimmed">{t("admin.campaigns.noAnimals")}</Text> : null}
      {list.rows ? (
        list.rows.map((animal) => <Animal key={animal.id} animal={animal} />)
      ) : list.error ? (
        <ErrorState error={list.error} onRetry={list.onRetry} />
      ) : (
        <RowsSkeleton rows={3} />
      )}
      {list.hasMore ? (
        <Button variant="default" mt="md" loading={list.busy} onClick={list.onMore}>
          {t("common.more")}
        </Button>
      ) : null}
    </Surface>
  );
}

function Animal({ animal }: { animal: AnimalOut }) {
  const t = useT();
  return (
    <article className={own.animal}>
      <div>
        <h3>{animal.tag}</h3>
        <span className={css.sub}>
          {[animal.option_title, t(`admin.animalState.${animal.state}`), animal.ear_tag]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </div>
      <ol className={own.shares}>
        {animal.shares.map((share) => (
          <li key={share.number} data-state={share.state}>
            <span className={css.sub}>
              {t("admin.campaigns.share", { n: share.number })} · {t(`admin.shareState.${share.state}`)}
            </span>
            {share.order_id ? (
              <Link to={`/admin/orders/${share.order_id}`}>{share.participant ?? share.holder}</Link>
            ) : null}
          </li>
        ))}
      </ol>
    </article>
  );
}
