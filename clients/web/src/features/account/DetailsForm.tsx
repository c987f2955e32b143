import { type AccountOut as Account, patchMe } from "@belgenet/api";
import { isLocale, useT } from "@belgenet/i18n";
import { applyProblem, FormError, StatusBadge, Surface } from "@belgenet/ui";
import { notifyDone } from "@belgenet/ui/notify";
import { zodResolver } from "@hookform/resolvers/zod";
import { Button, Group, NativeSelect, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { z } from "zod/mini";
import { useAuth } from "@/app/AuthContext";
import { nameField, phoneField } from "@/features/auth/schemas";
import { normalisePhone } from "@/shared/phone";

export function DetailsForm({ account }: { account: Account }) {
  const t = useT();
  const { update, setLanguage } = useAuth();
  const schema = z.object({ full_name: nameField(t), phone: phoneField(t), locale: z.enum(["tr", "en"]) });
  const form = useForm({
    resolver: zodResolver(schema),
    mode: "onTouched",
    defaultValues: {
      full_name: account.full_name,
      phone: account.phone ?? "",
      locale: isLocale(account.locale) ? account.locale : ("tr" as const),
    },
  });
  const { errors, isDirty } = form.formState;
  const save = useMutation({
    mutationFn: async (values: z.infer<typeof schema>) =>
      (
        await patchMe({
          body: {
            full_name: values.full_name,
            phone: normalisePhone(values.phone) ?? null,
            locale: values.locale,
          },
        })
      ).data,
    onSuccess: async (me, values) => {
      update(me);
      form.reset(values);
      await setLanguage(values.locale);
      notifyDone(t("common.saved"), t("common.close"));
    },
    onError: (error) => applyProblem(form, error),
  });
  return (
    <Surface as="section" aria-labelledby="details">
      <Title order={2} size="h3" id="details">
        {t("account.details")}
      </Title>
      <form noValidate onSubmit={form.handleSubmit((values) => save.mutate(values))}>
        <Stack gap="md" mt="md">
          <FormError error={save.error} />
          <div>
            <Text c="dimmed" size="sm">
              {t("auth.email")}
            </Text>
            <Group gap="sm">
              <Text fw={600}>{account.email}</Text>
              <StatusBadge tone={account.email_verified ? "good" : "attention"}>
                {account.email_verified ? t("account.emailVerified") : t("account.emailUnverified")}
              </StatusBadge>
            </Group>
          </div>
          <TextInput
            label={t("auth.fullName")}
            description={t("account.detailsHint")}
            autoComplete="name"
            required
            error={errors.full_name?.message}
            {...form.register("full_name")}
          />
          <TextInput
            label={`${t("auth.phone")} (${t("common.optional")})`}
            type="tel"
            autoComplete="tel"
            error={errors.phone?.message}
            {...form.register("phone")}
          />
          <NativeSelect
            label={t("account.language")}
            description={t("account.languageHint")}
            data={[
              { value: "tr", label: "Türkçe" },
              { value: "en", label: "English" },
            ]}
            {...form.register("locale")}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={save.isPending} disabled={!isDirty}>
              {t("common.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Surface>
  );
}
