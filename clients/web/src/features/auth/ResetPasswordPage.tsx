import { resetPassword } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { applyProblem, EmptyState, FormError } from "@belgenet/ui";
import { zodResolver } from "@hookform/resolvers/zod";
import { Button, PasswordInput, Stack } from "@mantine/core";
import { IconCircleCheck, IconLinkOff } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { Link } from "react-router";
import { z } from "zod/mini";
import { AuthCard } from "./AuthCard";
import { useMailedToken } from "./mailedToken";
import { passwordField } from "./schemas";

export function ResetPasswordPage() {
  const t = useT();
  const token = useMailedToken();
  const schema = z.object({ password: passwordField(t) });
  const form = useForm({ resolver: zodResolver(schema), mode: "onTouched", defaultValues: { password: "" } });
  const save = useMutation({
    mutationFn: async ({ password }: { password: string }) => {
      await resetPassword({ body: { token, password } });
    },
    onError: (error) => applyProblem(form, error),
  });
  const title = t("auth.reset.title");
  if (save.isSuccess)
    return (
      <AuthCard title={title}>
        <EmptyState
          icon={<IconCircleCheck size={26} />}
          title={t("auth.reset.doneTitle")}
          action={
            <Button component={Link} to="/sign-in">
              {t("auth.signIn.submit")}
            </Button>
          }
        >
          {t("auth.reset.doneText")}
        </EmptyState>
      </AuthCard>
    );
  if (token === "")
    return (
      <AuthCard title={title}>
        <EmptyState
          icon={<IconLinkOff size={26} />}
          title={t("auth.verify.failTitle")}
          action={
            <Button component={Link} to="/forgot-password">
              {t("auth.forgot.submit")}
            </Button>
          }
        >
          {t("auth.verify.noToken")}
        </EmptyState>
      </AuthCard>
    );
  return (
    <AuthCard title={title}>
      <form noValidate onSubmit={form.handleSubmit((values) => save.mutate(values))}>
        <Stack gap="md">
          <FormError error={save.error} />
          <PasswordInput
            label={t("auth.newPassword")}
            autoComplete="new-password"
            required
            description={t("auth.passwordHint")}
            error={form.formState.errors.password?.message}
            visibilityToggleButtonProps={{ "aria-label": t("auth.showPassword"), tabIndex: 0 }}
            {...form.register("password")}
          />
          <Button type="submit" loading={save.isPending}>
            {t("auth.reset.submit")}
          </Button>
        </Stack>
      </form>
    </AuthCard>
  );
}
