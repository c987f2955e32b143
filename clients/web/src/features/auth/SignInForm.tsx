import { ApiError, login, type SessionOut as Session } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { applyProblem, FormError } from "@belgenet/ui";
import { zodResolver } from "@hookform/resolvers/zod";
import { Anchor, Group, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { Link } from "react-router";
import { z } from "zod/mini";
import { FormActions } from "@/shared/FormActions";
import { emailField, requiredField } from "./schemas";

/** E-mail and password; used on its own page, in the checkout and after a lost session. */
export function SignInForm({
  onSession,
  back,
}: {
  onSession: (session: Session) => void;
  back?: () => void;
}) {
  const t = useT();
  const schema = z.object({ email: emailField(t), password: requiredField(t) });
  const form = useForm({
    resolver: zodResolver(schema),
    mode: "onTouched",
    defaultValues: { email: "", password: "" },
  });
  const signIn = useMutation({
    mutationFn: async (values: z.infer<typeof schema>) =>
      (await login({ body: { ...values, client: "web" } })).data,
    onSuccess: onSession,
    onError: (error) => applyProblem(form, error),
  });
  // Who has not verified the address yet gets the same answer as everybody else, so the page says what may be the matter.
  const refused = signIn.error instanceof ApiError && signIn.error.code === "invalid_credentials";
  return (
    <form noValidate onSubmit={form.handleSubmit((values) => signIn.mutate(values))}>
      <Stack gap="md">
        <FormError error={signIn.error} />
        {refused ? <Text size="sm">{t("auth.signIn.unverified")}</Text> : null}
        <TextInput
          label={t("auth.email")}
          type="email"
          autoComplete="username"
          inputMode="email"
          required
          error={form.formState.errors.email?.message}
          {...form.register("email")}
        />
        <PasswordInput
          label={t("auth.password")}
          autoComplete="current-password"
          required
          error={form.formState.errors.password?.message}
          visibilityToggleButtonProps={{ "aria-label": t("auth.showPassword"), tabIndex: 0 }}
          {...form.register("password")}
        />
        <Group justify="flex-end" mt={-8}>
          <Anchor component={Link} to="/forgot-password" size="sm">
            {t("auth.signIn.forgot")}
          </Anchor>
        </Group>
        <FormActions wide={!back} submit={t("auth.signIn.submit")} back={back} busy={signIn.isPending} />
      </Stack>
    </form>
  );
}
