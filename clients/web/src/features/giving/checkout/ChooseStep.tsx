import { useT } from "@belgenet/i18n";
import { useFormat } from "@belgenet/ui";
import { NumberInput } from "@mantine/core";
import type { CampaignOption } from "../api";
import css from "./Choose.module.css";
import { Seats } from "./Seats";
import { StepFrame } from "./StepFrame";
import type { StepProps } from "./types";

/** Whole animals one order may hold. */
const MAX_WHOLE = 10;

/** Kind of animal and how many shares of it. */
export function ChooseStep({ campaign, draft, patch, go }: StepProps) {
  const t = useT();
  const option = campaign.options.find((o) => o.id === draft.optionId);
  const most = option ? (option.animal_class === "cattle" ? option.shares_per_animal : MAX_WHOLE) : 1;
  const allowed = option ? Math.min(most, option.available) : 0;
  const quantity = Math.max(1, Math.min(draft.quantity, Math.max(1, allowed)));
  return (
    <StepFrame
      title={t("giving.choose.title")}
      intro={option?.animal_class === "small" ? t("giving.choose.introSmall") : t("giving.choose.intro")}
      disabled={!option || allowed === 0}
      onSubmit={(event) => {
        event.preventDefault();
        if (!option || allowed === 0) return;
        if (quantity !== draft.quantity) patch({ quantity });
        go("names");
      }}
    >
      <fieldset className={css.options}>
        <legend>{t("giving.choose.option")}</legend>
        {campaign.options.map((o) => (
          <OptionChoice
            key={o.id}
            option={o}
            checked={o.id === draft.optionId}
            onPick={() => patch({ optionId: o.id, quantity: 1 })}
          />
        ))}
      </fieldset>
      {option?.animal_class === "cattle" ? (
        <Seats
          total={option.shares_per_animal}
          available={option.available}
          value={quantity}
          onChange={(n) => patch({ quantity: n })}
        />
      ) : null}
      {option?.animal_class === "small" ? (
        <NumberInput
          label={t("giving.choose.count")}
          min={1}
          max={allowed}
          value={quantity}
          onChange={(v) => patch({ quantity: Number(v) || 1 })}
          clampBehavior="strict"
          allowDecimal={false}
          w={160}
          mt="lg"
        />
      ) : null}
    </StepFrame>
  );
}

function OptionChoice({
  option,
  checked,
  onPick,
}: {
  option: CampaignOption;
  checked: boolean;
  onPick: () => void;
}) {
  const t = useT();
  const format = useFormat();
  const cattle = option.animal_class === "cattle";
  return (
    <label className={css.option} data-disabled={option.available === 0 || undefined}>
      <input
        type="radio"
        name="option"
        checked={checked}
        disabled={option.available === 0}
        onChange={onPick}
      />
      <span className={css.mark} aria-hidden />
      <span className={css.name}>
        <strong>{option.title}</strong>
        <span>
          {option.available === 0
            ? t("giving.campaign.soldOut")
            : cattle
              ? t("giving.option.cattle", { count: option.shares_per_animal })
              : t("giving.option.small")}
        </span>
      </span>
      <span className={css.price}>
        <strong className="bn-numbers">{format.money(option.price)}</strong>
        <span>{cattle ? t("giving.option.perShare") : t("giving.option.perAnimal")}</span>
      </span>
    </label>
  );
}
