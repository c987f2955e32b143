import { ApiError, acceptInvitation } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { applyProblem, EmptyState, FormError } from "@belgenet/ui";
import { zodResolver } from "@hookform/resolvers/zod";
import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { IconCircleCheck, IconLinkOff } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { Link } from "react-router";
import { z } from "zod/mini";
import { AuthCard } from "./AuthCard";
import { useMailedToken } from "./mailedToken";
import { nameField, passwordField } from "./schemas";

/** The first administrator's door: the server printed its address once. */
export function InvitationPage() {
  const t = useT();
  const token = useMailedToken();
  const schema = z.object({ full_name: nameField(t), password: passwordField(t) });
  const form = useForm({
    resolver: zodResolver(schema),
    mode: "onTouched",
    defaultValues: { full_name: "", password: "" },
  });
  const accept = useMutation({
    mutationFn: async (values: { full_name: string; password: string }) => {
      await acceptInvitation({ body: { token, ...values } });
    },
    onError: (error) => applyProblem(form, error),
  });
  const title = t("auth.invitation.title");
  if (accept.isSuccess)
    return (
      <AuthCard title={title}>
        <EmptyState
          icon={<IconCircleCheck size={26} />}
          title={t("auth.invitation.doneTitle")}
          action={
            <Button component={Link} to="/sign-in">
              {t("auth.signIn.submit")}
            </Button>
          }
        >
          {t("auth.invitation.doneText")}
        </EmptyState>
      </AuthCard>
    );
  const spent = accept.error instanceof ApiError && accept.error.code === "token_invalid";
  if (token === "" || spent)
    return (
      <AuthCard title={title}>
        <EmptyState icon={<IconLinkOff size={26} />} title={t("auth.verify.failTitle")}>
          {t(spent ? "auth.invitation.used" : "auth.invitation.noToken")}
        </EmptyState>
      </AuthCard>
    );
  return (
    <AuthCard title={title} intro={t("auth.invitation.intro")}>
      <form noValidate onSubmit={form.handleSubmit((values) => accept.mutate(values))}>
        <Stack gap="md">
          <FormError error={accept.error} />
          <TextInput
            label={t("auth.fullName")}
            autoComplete="name"
            required
            error={form.formState.errors.full_name?.message}
            {...form.register("full_name")}
          />
          <PasswordInput
            label={t("auth.newPassword")}
            autoComplete="new-password"
            required
            description={t("auth.passwordHint")}
            error={form.formState.errors.password?.message}
            visibilityToggleButtonProps={{ "aria-label": t("auth.showPassword"), tabIndex: 0 }}
            {...form.register("password")}
          />
          <Button type="submit" loading={accept.isPending}>
            {t("auth.invitation.submit")}
          </Button>
        </Stack>
      </form>
    </AuthCard>
  );
}
