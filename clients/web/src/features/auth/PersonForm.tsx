import { useLocale, useT } from "@belgenet/i18n";
import { applyProblem, FormError } from "@belgenet/ui";
import { zodResolver } from "@hookform/resolvers/zod";
import { PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useForm } from "react-hook-form";
import { z } from "zod/mini";
import { FormActions } from "@/shared/FormActions";
import { normalisePhone } from "@/shared/phone";
import { emailField, nameField, passwordField, phoneField } from "./schemas";

/** What somebody says about themselves, ready for the API. */
export interface Person {
  full_name: string;
  email: string;
  phone: string | undefined;
  locale: "tr" | "en";
}

interface Props<R> {
  /** Ask for a password as well. */
  withPassword?: boolean;
  submit: string;
  send: (person: Person, password: string) => Promise<R>;
  onDone: (result: R) => void;
  back?: () => void;
  children?: ReactNode;
}

/** Name, e-mail, phone and, for an account, a password. The server's findings stand beside their fields. */
export function PersonForm<R>({ withPassword = false, submit, send, onDone, back, children }: Props<R>) {
  const t = useT();
  const locale = useLocale();
  const schema = z.object({
    full_name: nameField(t),
    email: emailField(t),
    phone: phoneField(t),
    password: withPassword ? passwordField(t) : z.string(),
  });
  const form = useForm({
    resolver: zodResolver(schema),
    mode: "onTouched",
    defaultValues: { full_name: "", email: "", phone: "", password: "" },
  });
  const { errors } = form.formState;
  const sending = useMutation({
    mutationFn: ({ password, phone, ...person }: z.infer<typeof schema>) =>
      send({ ...person, phone: normalisePhone(phone), locale }, password),
    onSuccess: onDone,
    onError: (error) => applyProblem(form, error),
  });
  return (
    <form noValidate onSubmit={form.handleSubmit((values) => sending.mutate(values))}>
      <Stack gap="md">
        <FormError error={sending.error} />
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
        {withPassword ? (
          <PasswordInput
            label={t("auth.password")}
            autoComplete="new-password"
            required
            description={t("auth.passwordHint")}
            error={errors.password?.message}
            visibilityToggleButtonProps={{ "aria-label": t("auth.showPassword"), tabIndex: 0 }}
            {...form.register("password")}
          />
        ) : null}
        {children}
        <FormActions wide={!back} submit={submit} back={back} busy={sending.isPending} />
      </Stack>
    </form>
  );
}
