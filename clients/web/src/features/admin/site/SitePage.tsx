import { type AdminSiteOut, ifMatch, patchAdminSite, toApiError } from "@belgenet/api";
import { getAdminSiteOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { applyProblem, ErrorState, FormError, Page, PageHeader, PageSkeleton, Surface } from "@belgenet/ui";
import {
  Alert,
  Button,
  Checkbox,
  ColorInput,
  Group,
  NativeSelect,
  Select,
  Stack,
  TextInput,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Controller, useForm } from "react-hook-form";
import type { Provider } from "@/app/TenantContext";
import { type Both, BothLanguages, both, filled } from "../shared/fields";
import { PictureField } from "../shared/PictureField";
import { useAction } from "../shared/useAction";

interface Values {
  name: string;
  locale: "tr" | "en";
  time_zone: string;
  primary_color: string;
  logo_url: string;
  tagline: Both;
  providers: string[];
}

export function SitePage() {
  const t = useT();
  const { data, error, refetch } = useQuery(getAdminSiteOptions());
  if (!data?.tenant)
    return error ? (
      <Page>
        <ErrorState error={error} heading={1} onRetry={() => void refetch()} />
      </Page>
    ) : (
      <PageSkeleton />
    );
  return (
    <Page title={t("admin.nav.site")}>
      <PageHeader title={t("admin.nav.site")} intro={t("admin.site.intro")} />
      <SiteForm key={data.version} site={data} tenant={data.tenant} onConflict={() => void refetch()} />
    </Page>
  );
}

function SiteForm({
  site,
  tenant,
  onConflict,
}: {
  site: AdminSiteOut;
  tenant: NonNullable<AdminSiteOut["tenant"]>;
  onConflict: () => void;
}) {
  const t = useT();
  const form = useForm<Values>({
    defaultValues: {
      name: tenant.name,
      locale: tenant.locale === "en" ? "en" : "tr",
      time_zone: tenant.time_zone,
      primary_color: tenant.branding.primary_color ?? "",
      logo_url: tenant.branding.logo_url ?? "",
      tagline: both(tenant.branding.tagline),
      providers: site.providers ?? [],
    },
  });
  const { errors, isDirty } = form.formState;
  const save = useAction({
    run: (v: Values) =>
      patchAdminSite({
        headers: ifMatch(site.version),
        body: {
          name: v.name.trim(),
          locale: v.locale,
          time_zone: v.time_zone,
          providers: v.providers as Provider[],
          branding: {
            primary_color: v.primary_color,
            logo_url: v.logo_url.trim() || null,
            tagline: filled(v.tagline),
          },
        },
      }),
    stale: ["getAdminSite", "getSite"],
    quiet: true,
  });
  const conflict = toApiError(save.error).status === 412 && save.isError;
  const submit = form.handleSubmit((values) =>
    save.mutate(values, {
      onError: (error) => {
        if (toApiError(error).status === 412) onConflict();
        else
          applyProblem(form, error, {
            "branding.primary_color": "primary_color",
            "branding.logo_url": "logo_url",
          });
      },
    }),
  );
  return (
    <form noValidate onSubmit={submit}>
      <Surface>
        <Stack gap="md" maw={640}>
          {conflict ? (
            <Alert color="yellow" role="alert" title={t("admin.site.conflict")} />
          ) : (
            <FormError error={save.error} />
          )}
          <TextInput
            label={t("admin.site.name")}
            required
            maxLength={200}
            error={errors.name?.message}
            {...form.register("name", { required: t("common.form.required") })}
          />
          <BothLanguages form={form} name="tagline" label={t("admin.site.tagline")} />
          <Controller
            control={form.control}
            name="primary_color"
            rules={{ pattern: { value: /^#[0-9a-fA-F]{6}$/, message: t("common.form.color") } }}
            render={({ field }) => (
              <ColorInput
                size="md"
                format="hex"
                label={t("admin.site.color")}
                description={t("admin.site.colorHint")}
                error={errors.primary_color?.message}
                eyeDropperButtonProps={{ "aria-label": t("admin.site.color") }}
                {...field}
              />
            )}
          />
          <PictureField control={form.control} name="logo_url" label={t("admin.site.logo")} purpose="logo" />
          <NativeSelect
            label={t("admin.site.locale")}
            data={[
              { value: "tr", label: "Türkçe" },
              { value: "en", label: "English" },
            ]}
            {...form.register("locale")}
          />
          <Controller
            control={form.control}
            name="time_zone"
            render={({ field }) => (
              <Select
                searchable
                label={t("admin.site.zone")}
                data={Intl.supportedValuesOf("timeZone")}
                error={errors.time_zone?.message}
                {...field}
              />
            )}
          />
          <Controller
            control={form.control}
            name="providers"
            render={({ field }) => (
              <Checkbox.Group label={t("admin.site.providers")} value={field.value} onChange={field.onChange}>
                <Group mt="xs">
                  {site.providers_available.map((name) => (
                    <Checkbox key={name} value={name} label={name} />
                  ))}
                </Group>
              </Checkbox.Group>
            )}
          />
          {site.domain ? <TextInput label={t("admin.site.domain")} value={site.domain} readOnly /> : null}
          <Group justify="flex-end">
            <Button type="submit" loading={save.isPending} disabled={!isDirty}>
              {t("common.save")}
            </Button>
          </Group>
        </Stack>
      </Surface>
    </form>
  );
}
