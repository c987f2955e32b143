import { type AdminCampaignOut, createCampaign, ifMatch, newKey, patchCampaign } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { applyProblem, FormError, Surface } from "@belgenet/ui";
import { Button, Group, NativeSelect, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { INTENTIONS, type Intention } from "@/features/giving/api";
import { type Both, BothLanguages, both, filled } from "../shared/fields";
import css from "../shared/List.module.css";
import { fromLocalInput, toLocalInput } from "../shared/moment";
import { PictureField } from "../shared/PictureField";
import { useAction } from "../shared/useAction";

interface Values {
  title: Both;
  summary: Both;
  description: Both;
  region: Both;
  kind: Intention;
  slaughter_date: string;
  closes_at: string;
  slug: string;
  image_url: string;
}

const initial = (c?: AdminCampaignOut): Values => ({
  title: both(c?.translations.title),
  summary: both(c?.translations.summary),
  description: both(c?.translations.description),
  region: both(c?.translations.region),
  kind: c?.kind ?? "vacip",
  slaughter_date: c?.slaughter_date ?? "",
  closes_at: c ? toLocalInput(c.closes_at) : "",
  slug: c?.slug ?? "",
  image_url: c?.image_url ?? "",
});

/** Texts, place and dates of a campaign, in both languages. */
export function CampaignForm({
  campaign,
  onSaved,
}: {
  campaign?: AdminCampaignOut;
  onSaved?: (saved: AdminCampaignOut) => void;
}) {
  const t = useT();
  const [key] = useState(newKey);
  const form = useForm<Values>({ defaultValues: initial(campaign) });
  const { errors, isDirty } = form.formState;
  const save = useAction({
    run: async (v: Values) => {
      const body = {
        title: filled(v.title),
        summary: filled(v.summary),
        description: filled(v.description),
        region: filled(v.region),
        kind: v.kind,
        slaughter_date: v.slaughter_date,
        closes_at: fromLocalInput(v.closes_at),
        image_url: v.image_url.trim() || null,
        ...(v.slug.trim() ? { slug: v.slug.trim() } : {}),
      };
      const { data } = campaign
        ? await patchCampaign({
            path: { campaign_id: campaign.id },
            headers: ifMatch(campaign.version),
            body,
          })
        : await createCampaign({ headers: { "Idempotency-Key": key }, body });
      return data;
    },
    stale: ["getAdminCampaign", "listAdminCampaigns", "listCampaigns", "getCampaign"],
    after: onSaved,
    quiet: true,
  });
  const submit = form.handleSubmit((values) =>
    save.mutate(values, { onError: (error) => applyProblem(form, error) }),
  );
  const needed = { required: t("common.form.required") };
  return (
    <Surface as="section" aria-label={t("admin.campaigns.details")}>
      <Title order={2} size="h4" mb="md">
        {t("admin.campaigns.details")}
      </Title>
      <form noValidate onSubmit={submit}>
        <FormError error={save.error} />
        <div className={css.columns}>
          <BothLanguages form={form} name="title" label={t("admin.campaigns.title")} required />
          <BothLanguages form={form} name="summary" label={t("admin.campaigns.summary")} rows={2} />
          <BothLanguages
            form={form}
            name="description"
            label={t("admin.campaigns.description")}
            description={t("admin.campaigns.descriptionHint")}
            rows={5}
          />
          <BothLanguages form={form} name="region" label={t("admin.campaigns.region")} />
          <NativeSelect
            label={t("admin.campaigns.kind")}
            data={INTENTIONS.map((value) => ({ value, label: t(`giving.kind.${value}`) }))}
            {...form.register("kind")}
          />
          <TextInput
            type="date"
            label={t("admin.campaigns.date")}
            required
            error={errors.slaughter_date?.message}
            {...form.register("slaughter_date", needed)}
          />
          <TextInput
            type="datetime-local"
            label={t("admin.campaigns.closes")}
            required
            error={errors.closes_at?.message}
            {...form.register("closes_at", needed)}
          />
          <TextInput
            label={t("admin.campaigns.slug")}
            description={t("admin.campaigns.slugHint")}
            error={errors.slug?.message}
            {...form.register("slug")}
          />
          <PictureField
            control={form.control}
            name="image_url"
            label={t("admin.campaigns.image")}
            purpose="campaign_image"
          />
        </div>
        <Group justify="flex-end" mt="lg">
          <Button type="submit" loading={save.isPending} disabled={!isDirty}>
            {t("common.save")}
          </Button>
        </Group>
      </form>
    </Surface>
  );
}
