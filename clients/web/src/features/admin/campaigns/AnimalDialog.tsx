import { type AnimalOut, patchAnimal, removeAnimal } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { ConfirmModal } from "@belgenet/ui";
import { Button, NativeSelect, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useAction } from "../shared/useAction";

const STATES: AnimalOut["state"][] = ["planned", "purchased", "ready", "slaughtered"];
const STALE = ["getAdminCampaign", "listAdminCampaigns", "listCampaignAnimals", "getCampaign"];

/** Ear tag and state of one animal; one without buyers can be taken out of stock. */
export function AnimalDialog({ animal, onClose }: { animal: AnimalOut; onClose: () => void }) {
  const t = useT();
  const [earTag, setEarTag] = useState(animal.ear_tag ?? "");
  const [state, setState] = useState(animal.state);
  const path = { animal_id: animal.id };
  const save = useAction({
    run: () => patchAnimal({ path, body: { ear_tag: earTag.trim() || null, state } }),
    stale: STALE,
    after: onClose,
    quiet: true,
  });
  const remove = useAction({ run: () => removeAnimal({ path }), stale: STALE, after: onClose, quiet: true });
  const free = animal.shares.every((share) => share.state === "free");
  return (
    <ConfirmModal
      opened
      title={t("admin.herd.title", { tag: animal.tag })}
      text={animal.option_title}
      confirm={t("common.save")}
      busy={save.isPending}
      error={save.error ?? remove.error}
      onConfirm={() => save.mutate()}
      onClose={onClose}
    >
      <TextInput
        label={t("admin.herd.earTag")}
        description={t("admin.herd.earTagHint")}
        maxLength={200}
        value={earTag}
        onChange={(event) => setEarTag(event.currentTarget.value)}
        data-autofocus
      />
      <NativeSelect
        label={t("admin.herd.state")}
        value={state}
        onChange={(event) => setState(event.currentTarget.value as AnimalOut["state"])}
        data={STATES.map((value) => ({ value, label: t(`admin.animalState.${value}`) }))}
      />
      {free ? (
        <div>
          <Button
            variant="light"
            color="red"
            size="sm"
            loading={remove.isPending}
            onClick={() => remove.mutate()}
          >
            {t("admin.herd.remove")}
          </Button>
          <Text size="sm" c="dimmed" mt={4}>
            {t("admin.herd.removeText")}
          </Text>
        </div>
      ) : null}
    </ConfirmModal>
  );
}
