import { register as registerAccount } from "@belgenet/api";
import { useLocale, useT } from "@belgenet/i18n";
import { applyProblem, FormError } from "@belgenet/ui";
import { zodResolver } from "@hookform/resolvers/zod";
import { Button, Group, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { z } from "zod/mini";
import { normalisePhone } from "@/shared/phone";
import { emailField, nameField, passwordField, phoneField } from "./schemas";

/** Opens an account; the address is confirmed by a link in an e-mail. */
export function RegisterForm({ onDone, back }: { onDone: (email: string) => void; back?: () => void }) {
  const t = useT();
  const locale = useLocale();
  const schema = z.object({
    full_name: nameField(t),
    email: emailField(t),
    phone: phoneField(t),
    password: passwordField(t),
  });
  const form = useForm({
    resolver: zodResolver(schema),
    mode: "onTouched",
    defaultValues: { full_name: "", email: "", phone: "", password: "" },
  });
  const { errors } = form.formState;
  const create = useMutation({
    mutationFn: async (values: z.infer<typeof schema>) => {
      await registerAccount({ body: { ...values, phone: normalisePhone(values.phone), locale } });
      return values.email;
    },
    onSuccess: onDone,
    onError: (error) => applyProblem(form, error),
  });
  return (
    <form noValidate onSubmit={form.handleSubmit((values) => create.mutate(values))}>
      <Stack gap="md">
        <FormError error={create.error} />
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
        <PasswordInput
          label={t("auth.password")}
          autoComplete="new-password"
          required
          description={t("auth.passwordHint")}
          error={errors.password?.message}
          visibilityToggleButtonProps={{ "aria-label": t("auth.showPassword"), tabIndex: 0 }}
          {...form.register("password")}
        />
        <Group justify="space-between">
          {back ? (
            <Button variant="default" onClick={back}>
              {t("common.back")}
            </Button>
          ) : null}
          <Button type="submit" loading={create.isPending} flex={1}>
            {t("auth.register.submit")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
