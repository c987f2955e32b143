import {
  type AdminCampaignOut,
  type AdminOptionOut,
  createCampaignOption,
  ifMatch,
  newKey,
  patchCampaignOption,
} from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { ConfirmModal } from "@belgenet/ui";
import { NativeSelect, Switch, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTenant } from "@/app/TenantContext";
import { readAmount, writeAmount } from "../shared/amount";
import { both, filled } from "../shared/fields";
import { useAction } from "../shared/useAction";

/** A new option, or the title, price and state of one that exists. */
export function OptionDialog({
  campaign,
  option,
  onClose,
}: {
  campaign: AdminCampaignOut;
  option: AdminOptionOut | null;
  onClose: () => void;
}) {
  const t = useT();
  const { currency } = useTenant();
  const [key] = useState(newKey);
  const [title, setTitle] = useState(() => both(option?.translations.title));
  const [animal, setAnimal] = useState<"cattle" | "small">(option?.animal_class ?? "cattle");
  const [price, setPrice] = useState(writeAmount(option?.price.amount));
  const [active, setActive] = useState(option?.active ?? true);
  const amount = readAmount(price);
  const save = useAction({
    run: async () => {
      const common = {
        title: filled(title),
        price: { amount: amount ?? "", currency: option?.price.currency ?? currency },
      };
      if (option)
        await patchCampaignOption({
          path: { option_id: option.id },
          headers: ifMatch(option.version),
          body: { ...common, active },
        });
      else
        await createCampaignOption({
          path: { campaign_id: campaign.id },
          headers: { "Idempotency-Key": key },
          body: { ...common, animal_class: animal },
        });
    },
    stale: ["getAdminCampaign", "listAdminCampaigns", "getCampaign", "listCampaigns"],
    after: onClose,
    quiet: true,
  });
  const wrong = price.trim() !== "" && amount === null;
  return (
    <ConfirmModal
      opened
      title={option ? t("admin.campaigns.editOption") : t("admin.campaigns.addOption")}
      confirm={t("common.save")}
      busy={save.isPending}
      error={save.error}
      disabled={amount === null || (title.tr.trim() === "" && title.en.trim() === "")}
      onConfirm={() => save.mutate()}
      onClose={onClose}
    >
      <TextInput
        lang="tr"
        label={`${t("admin.campaigns.option")} (${t("admin.texts.tr")})`}
        value={title.tr}
        maxLength={200}
        onChange={(event) => setTitle({ ...title, tr: event.currentTarget.value })}
      />
      <TextInput
        lang="en"
        label={`${t("admin.campaigns.option")} (${t("admin.texts.en")})`}
        value={title.en}
        maxLength={200}
        onChange={(event) => setTitle({ ...title, en: event.currentTarget.value })}
      />
      {option ? null : (
        <NativeSelect
          label={t("admin.campaigns.animalClass")}
          value={animal}
          onChange={(event) => setAnimal(event.currentTarget.value as "cattle" | "small")}
          data={[
            { value: "cattle", label: t("admin.campaigns.cattle") },
            { value: "small", label: t("admin.campaigns.small") },
          ]}
        />
      )}
      <TextInput
        label={`${t("admin.campaigns.price")} (${option?.price.currency ?? currency})`}
        description={t("admin.campaigns.priceHint")}
        inputMode="decimal"
        required
        value={price}
        onChange={(event) => setPrice(event.currentTarget.value)}
        error={wrong ? t("common.form.amount") : undefined}
      />
      {option ? (
        <Switch
          label={t("admin.campaigns.active")}
          checked={active}
          onChange={(event) => setActive(event.currentTarget.checked)}
        />
      ) : null}
    </ConfirmModal>
  );
}
