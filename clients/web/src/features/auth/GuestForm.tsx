import { guest, type SessionOut as Session } from "@belgenet/api";
import { useLocale, useT } from "@belgenet/i18n";
import { applyProblem, FormError } from "@belgenet/ui";
import { zodResolver } from "@hookform/resolvers/zod";
import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { z } from "zod/mini";
import { normalisePhone } from "@/shared/phone";
import { emailField, nameField, phoneField } from "./schemas";

/** Name and address only: nobody has to open an account to give. */
export function GuestForm({ onSession, back }: { onSession: (session: Session) => void; back?: () => void }) {
  const t = useT();
  const locale = useLocale();
  const schema = z.object({ full_name: nameField(t), email: emailField(t), phone: phoneField(t) });
  const form = useForm({
    resolver: zodResolver(schema),
    mode: "onTouched",
    defaultValues: { full_name: "", email: "", phone: "" },
  });
  const { errors } = form.formState;
  const begin = useMutation({
    mutationFn: async (values: z.infer<typeof schema>) =>
      (await guest({ body: { ...values, phone: normalisePhone(values.phone), locale } })).data,
    onSuccess: onSession,
    onError: (error) => applyProblem(form, error),
  });
  return (
    <form noValidate onSubmit={form.handleSubmit((values) => begin.mutate(values))}>
      <Stack gap="md">
        <FormError error={begin.error} />
        <TextInput
          label={t("auth.fullName")}
          autoComplete="name"
          required
          error={errors.full_name?.message}
          {...form.register("full_name")}
        />
        <TextInput
          label={t("auth.email")}
          type="email"
          autoComplete="email"
          inputMode="email"
          required
          error={errors.email?.message}
          {...form.register("email")}
        />
        <TextInput
          label={`${t("auth.phone")} (${t("common.optional")})`}
          type="tel"
          autoComplete="tel"
          inputMode="tel"
          description={t("auth.phoneHint")}
          error={errors.phone?.message}
          {...form.register("phone")}
        />
        <Group justify="space-between" mt="sm">
          {back ? (
            <Button variant="default" onClick={back}>
              {t("common.back")}
            </Button>
          ) : (
            <span />
          )}
          <Button type="submit" loading={begin.isPending}>
            {t("common.continue")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
