import { useT } from "@belgenet/i18n";
import { Money, Surface } from "@belgenet/ui";
import { Button } from "@mantine/core";
import { Link } from "react-router";
import type { CampaignOption } from "./api";
import css from "./Campaign.module.css";

/** Shares left are named only when they run short: numbers should inform, not push. */
const SHORT = 21;

export function OptionCard({
  option,
  slug,
  closed,
}: {
  option: CampaignOption;
  slug: string;
  closed: boolean;
}) {
  const t = useT();
  const cattle = option.animal_class === "cattle";
  const left = option.available;
  const stock =
    left === 0
      ? t("giving.campaign.soldOut")
      : left > SHORT
        ? t("giving.option.plenty")
        : cattle
          ? t("giving.option.left", { count: left })
          : t("giving.option.leftWhole", { count: left });
  return (
    <Surface as="article" className={css.option}>
      <div>
        <h3>{option.title}</h3>
        <p>
          {cattle ? t("giving.option.cattle", { count: option.shares_per_animal }) : t("giving.option.small")}{" "}
          · {stock}
        </p>
      </div>
      <div className={css.price}>
        <strong>
          <Money value={option.price} />
        </strong>
        <span>{cattle ? t("giving.option.perShare") : t("giving.option.perAnimal")}</span>
      </div>
      {closed || left === 0 ? (
        <Button disabled fullWidth>
          {left === 0 ? t("giving.campaign.soldOut") : t("giving.campaign.closed")}
        </Button>
      ) : (
        <Button
          component={Link}
          to={`/checkout/campaigns/${slug}?option=${option.id}`}
          fullWidth
          aria-label={`${option.title}: ${cattle ? t("giving.campaign.choose") : t("giving.campaign.chooseWhole")}`}
        >
          {cattle ? t("giving.campaign.choose") : t("giving.campaign.chooseWhole")}
        </Button>
      )}
    </Surface>
  );
}
