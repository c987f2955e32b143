import { useT } from "@belgenet/i18n";
import { zodResolver } from "@hookform/resolvers/zod";
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useFieldArray, useForm } from "react-hook-form";
import { z } from "zod/mini";
import { useAuth } from "@/app/AuthContext";
import { nameField } from "@/features/auth/schemas";
import { asIntention, type CampaignOption, INTENTIONS, type Participant } from "../api";
import css from "./Names.module.css";
import { StepFrame } from "./StepFrame";
import type { StepProps } from "./types";

interface Values {
  participants: { full_name: string; intention: string; relation: string }[];
}

/** On whose behalf each share is. */
export function NamesStep({ campaign, draft, patch, go, option }: StepProps & { option: CampaignOption }) {
  const t = useT();
  const { account } = useAuth();
  const intention = asIntention(campaign.kind);
  const schema = z.object({
    participants: z.array(
      z.object({
        full_name: nameField(t),
        intention: z.string(),
        relation: z.string().check(z.trim(), z.maxLength(80, t("common.form.tooLong", { max: 80 }))),
      }),
    ),
  });
  const form = useForm<Values>({
    resolver: zodResolver(schema),
    mode: "onTouched",
    defaultValues: {
      participants: Array.from({ length: draft.quantity }, (_, i) => {
        const p: Partial<Participant> = draft.participants[i] ?? {};
        return {
          full_name: p.full_name ?? "",
          intention: p.intention ?? intention,
          relation: p.relation ?? "",
        };
      }),
    },
  });
  const { fields } = useFieldArray({ control: form.control, name: "participants" });
  const heading = option.animal_class === "cattle" ? "giving.names.share" : "giving.names.animal";
  const submit = form.handleSubmit(({ participants }) => {
    patch({
      participants: participants.map((p) => ({
        full_name: p.full_name.trim(),
        intention: p.intention,
        relation: p.relation.trim() || null,
      })),
    });
    go("consent");
  });
  const sameForAll = () => {
    const first = form.getValues("participants.0.intention");
    for (const i of fields.keys()) form.setValue(`participants.${i}.intention`, first);
  };
  return (
    <StepFrame
      title={t("giving.names.title")}
      intro={t("giving.names.intro")}
      onSubmit={submit}
      onBack={() => go("choose")}
    >
      <div className={css.list}>
        {fields.map((field, i) => {
          const errors = form.formState.errors.participants?.[i];
          return (
            <fieldset key={field.id} className={css.person}>
              <legend>{t(heading, { n: i + 1 })}</legend>
              <TextInput
                label={t("giving.names.fullName")}
                autoComplete={i === 0 ? "name" : "off"}
                maxLength={200}
                required
                className={css.name}
                error={errors?.full_name?.message}
                {...form.register(`participants.${i}.full_name`)}
              />
              <NativeSelect
                label={t("giving.names.intention")}
                data={INTENTIONS.map((value) => ({ value, label: t(`giving.kind.${value}`) }))}
                {...form.register(`participants.${i}.intention`)}
              />
              <TextInput
                label={`${t("giving.names.relation")} (${t("common.optional")})`}
                placeholder={t("giving.names.relationHint")}
                maxLength={80}
                error={errors?.relation?.message}
                {...form.register(`participants.${i}.relation`)}
              />
              <div className={css.quick}>
                {account && !account.is_guest ? (
                  <Button
                    size="compact-sm"
                    variant="subtle"
                    onClick={() =>
                      form.setValue(`participants.${i}.full_name`, account.full_name, {
                        shouldValidate: true,
                      })
                    }
                  >
                    {t("giving.names.self")}
                  </Button>
                ) : null}
                {i === 0 && fields.length > 1 ? (
                  <Button size="compact-sm" variant="subtle" onClick={sameForAll}>
                    {t("giving.names.copyIntention")}
                  </Button>
                ) : null}
              </div>
            </fieldset>
          );
        })}
      </div>
    </StepFrame>
  );
}
