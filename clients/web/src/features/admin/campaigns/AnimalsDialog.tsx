import { type AdminOptionOut, addAnimals, newKey } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { ConfirmModal } from "@belgenet/ui";
import { NumberInput } from "@mantine/core";
import { useState } from "react";
import { useAction } from "../shared/useAction";

export function AnimalsDialog({ option, onClose }: { option: AdminOptionOut; onClose: () => void }) {
  const t = useT();
  const [key] = useState(newKey);
  const [count, setCount] = useState(1);
  const add = useAction({
    run: async () =>
      (
        await addAnimals({
          path: { option_id: option.id },
          headers: { "Idempotency-Key": key },
          body: { count },
        })
      ).data,
    stale: ["getAdminCampaign", "listAdminCampaigns", "listCampaignAnimals", "getCampaign"],
    done: (result) => t("admin.campaigns.animalsAdded", { count: result.added }),
    after: onClose,
    quiet: true,
  });
  return (
    <ConfirmModal
      opened
      title={t("admin.campaigns.addAnimals")}
      text={option.title}
      confirm={t("common.add")}
      busy={add.isPending}
      error={add.error}
      onConfirm={() => add.mutate()}
      onClose={onClose}
    >
      <NumberInput
        label={t("admin.campaigns.addAnimalsText")}
        min={1}
        max={500}
        allowDecimal={false}
        clampBehavior="strict"
        value={count}
        onChange={(v) => setCount(Number(v) || 1)}
      />
    </ConfirmModal>
  );
}
