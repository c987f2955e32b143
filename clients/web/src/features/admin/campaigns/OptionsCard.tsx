import type { AdminCampaignOut, AdminOptionOut } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { Money, StatusBadge, Surface } from "@belgenet/ui";
import { Button, Text, Title } from "@mantine/core";
import { useState } from "react";
import list from "@/shared/List.module.css";
import css from "../shared/List.module.css";
import { AnimalsDialog } from "./AnimalsDialog";
import { OptionDialog } from "./OptionDialog";

type Asking =
  | { act: "edit"; option: AdminOptionOut | null }
  | { act: "animals"; option: AdminOptionOut }
  | null;

/** What can be chosen in the campaign: price, stock, on sale or not. */
export function OptionsCard({ campaign }: { campaign: AdminCampaignOut }) {
  const t = useT();
  const [asking, setAsking] = useState<Asking>(null);
  const close = () => setAsking(null);
  return (
    <Surface as="section" aria-label={t("admin.campaigns.options")}>
      <div className={css.head}>
        <Title order={2} size="h4">
          {t("admin.campaigns.options")}
        </Title>
        <Button size="sm" onClick={() => setAsking({ act: "edit", option: null })}>
          {t("admin.campaigns.addOption")}
        </Button>
      </div>
      {campaign.options.length === 0 ? <Text c="dimmed">{t("admin.campaigns.noOptions")}</Text> : null}
      <ul className={list.list}>
        {campaign.options.map((option) => (
          <li key={option.id} className={list.row}>
            <div className={list.what}>
              <strong>{option.title}</strong>
              <span>
                {t(`admin.campaigns.${option.animal_class}`)} · {t("admin.campaigns.animals")}:{" "}
                {option.animals} · {t("admin.campaigns.available")}: {option.available} ·{" "}
                {t("admin.campaigns.sold")}: {option.sold}
              </span>
            </div>
            <StatusBadge tone={option.active ? "good" : "neutral"}>
              {option.active ? t("admin.campaigns.active") : t("admin.campaigns.inactive")}
            </StatusBadge>
            <strong>
              <Money value={option.price} />
            </strong>
            <div className={css.actions}>
              <Button
                size="xs"
                variant="default"
                aria-label={`${option.title}: ${t("common.edit")}`}
                onClick={() => setAsking({ act: "edit", option })}
              >
                {t("common.edit")}
              </Button>
              <Button
                size="xs"
                variant="light"
                aria-label={`${option.title}: ${t("admin.campaigns.addAnimals")}`}
                onClick={() => setAsking({ act: "animals", option })}
              >
                {t("admin.campaigns.addAnimals")}
              </Button>
            </div>
          </li>
        ))}
      </ul>
      {asking?.act === "edit" ? (
        <OptionDialog campaign={campaign} option={asking.option} onClose={close} />
      ) : null}
      {asking?.act === "animals" ? <AnimalsDialog option={asking.option} onClose={close} /> : null}
    </Surface>
  );
}
