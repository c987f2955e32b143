import { forgotPassword } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { applyProblem, EmptyState, FormError } from "@belgenet/ui";
import { zodResolver } from "@hookform/resolvers/zod";
import { Anchor, Button, Stack, TextInput } from "@mantine/core";
import { IconMailCheck } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { Link } from "react-router";
import { z } from "zod/mini";
import { AuthCard } from "./AuthCard";
import { emailField } from "./schemas";

export function ForgotPasswordPage() {
  const t = useT();
  const schema = z.object({ email: emailField(t) });
  const form = useForm({ resolver: zodResolver(schema), defaultValues: { email: "" } });
  const send = useMutation({
    mutationFn: async (body: { email: string }) => {
      await forgotPassword({ body });
    },
    onError: (error) => applyProblem(form, error),
  });
  const back = (
    <Anchor component={Link} to="/sign-in">
      {t("auth.forgot.back")}
    </Anchor>
  );
  if (send.isSuccess)
    return (
      <AuthCard title={t("auth.forgot.doneTitle")} below={back}>
        <EmptyState icon={<IconMailCheck size={26} stroke={1.6} />} title={t("auth.forgot.doneText")}>
          {t("auth.register.doneHint")}
        </EmptyState>
      </AuthCard>
    );
  return (
    <AuthCard title={t("auth.forgot.title")} intro={t("auth.forgot.intro")} below={back}>
      <form noValidate onSubmit={form.handleSubmit((values) => send.mutate(values))}>
        <Stack gap="md">
          <FormError error={send.error} />
          <TextInput
            label={t("auth.email")}
            type="email"
            autoComplete="email"
            required
            error={form.formState.errors.email?.message}
            {...form.register("email")}
          />
          <Button type="submit" loading={send.isPending}>
            {t("auth.forgot.submit")}
          </Button>
        </Stack>
      </form>
    </AuthCard>
  );
}
