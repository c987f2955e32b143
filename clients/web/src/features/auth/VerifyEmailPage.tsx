import { ApiError, verifyEmail } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { applyProblem, EmptyState, FormError } from "@belgenet/ui";
import { zodResolver } from "@hookform/resolvers/zod";
import { Anchor, Button, PasswordInput, Stack } from "@mantine/core";
import { IconCircleCheck, IconLinkOff } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useForm } from "react-hook-form";
import { Link } from "react-router";
import { z } from "zod/mini";
import { AuthCard } from "./AuthCard";
import { useMailedToken } from "./mailedToken";
import { requiredField } from "./schemas";

/** Opened from the e-mail. The link proves the mailbox, the password that this registration is the reader's own. */
export function VerifyEmailPage() {
  const t = useT();
  const token = useMailedToken();
  const schema = z.object({ password: requiredField(t) });
  const form = useForm({ resolver: zodResolver(schema), defaultValues: { password: "" } });
  const confirm = useMutation({
    mutationFn: async ({ password }: { password: string }) => {
      await verifyEmail({ body: { token, password } });
    },
    onError: (error) => applyProblem(form, error),
  });
  const spent = confirm.error instanceof ApiError && confirm.error.code === "token_invalid";
  if (confirm.isSuccess)
    return (
      <Outcome icon={<IconCircleCheck size={26} />} title={t("auth.verify.doneTitle")}>
        {t("auth.verify.doneText")}
      </Outcome>
    );
  if (token === "" || spent)
    return (
      <Outcome icon={<IconLinkOff size={26} />} title={t("auth.verify.failTitle")}>
        {t(spent ? "auth.verify.failText" : "auth.verify.noToken")}
      </Outcome>
    );
  const forgot = (
    <Anchor component={Link} to="/forgot-password">
      {t("auth.forgot.title")}
    </Anchor>
  );
  return (
    <AuthCard title={t("auth.verify.title")} intro={t("auth.verify.intro")} below={forgot}>
      <form noValidate onSubmit={form.handleSubmit((values) => confirm.mutate(values))}>
        <Stack gap="md">
          <FormError error={confirm.error} />
          <PasswordInput
            label={t("auth.password")}
            autoComplete="current-password"
            required
            error={form.formState.errors.password?.message}
            visibilityToggleButtonProps={{ "aria-label": t("auth.showPassword"), tabIndex: 0 }}
            {...form.register("password")}
          />
          <Button type="submit" loading={confirm.isPending}>
            {t("auth.verify.submit")}
          </Button>
        </Stack>
      </form>
    </AuthCard>
  );
}

function Outcome({ icon, title, children }: { icon: ReactNode; title: string; children: string }) {
  const t = useT();
  const signIn = (
    <Button component={Link} to="/sign-in">
      {t("auth.signIn.submit")}
    </Button>
  );
  return (
    <AuthCard title={t("auth.verify.title")}>
      <EmptyState icon={icon} title={title} action={signIn}>
        {children}
      </EmptyState>
    </AuthCard>
  );
}
