import type { AnimalOut } from "@belgenet/api";
import { listCampaignAnimalsInfiniteOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { ErrorState, RowsSkeleton, Surface } from "@belgenet/ui";
import { Button, Text, Title } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import css from "../shared/List.module.css";
import { useList } from "../shared/useList";
import { AnimalDialog } from "./AnimalDialog";
import own from "./Herd.module.css";

/** Every animal with its shares and whose they are. */
export function Herd({ campaignId }: { campaignId: string }) {
  const t = useT();
  const [editing, setEditing] = useState<AnimalOut | null>(null);
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
        list.rows.map((animal) => (
          <Animal key={animal.id} animal={animal} onEdit={() => setEditing(animal)} />
        ))
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
      {editing ? <AnimalDialog animal={editing} onClose={() => setEditing(null)} /> : null}
    </Surface>
  );
}

function Animal({ animal, onEdit }: { animal: AnimalOut; onEdit: () => void }) {
  const t = useT();
  return (
    <article className={own.animal}>
      <div className={own.what}>
        <h3>{animal.tag}</h3>
        <span className={css.sub}>
          {[animal.option_title, t(`admin.animalState.${animal.state}`), animal.ear_tag]
            .filter(Boolean)
            .join(" · ")}
        </span>
        <Button
          variant="subtle"
          size="compact-sm"
          aria-label={t("admin.herd.edit", { tag: animal.tag })}
          onClick={onEdit}
        >
          {t("common.edit")}
        </Button>
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
