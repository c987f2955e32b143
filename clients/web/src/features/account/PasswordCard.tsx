import { changePassword } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { applyProblem, FormError, Surface } from "@belgenet/ui";
import { notifyDone } from "@belgenet/ui/notify";
import { zodResolver } from "@hookform/resolvers/zod";
import { Button, Group, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { z } from "zod/mini";
import { passwordField, requiredField } from "@/features/auth/schemas";

/** Changes the password; the present one proves who is asking. */
export function PasswordCard() {
  const t = useT();
  const schema = z.object({ current_password: requiredField(t), new_password: passwordField(t) });
  const form = useForm({
    resolver: zodResolver(schema),
    mode: "onTouched",
    defaultValues: { current_password: "", new_password: "" },
  });
  const { errors } = form.formState;
  const save = useMutation({
    mutationFn: async (body: z.infer<typeof schema>) => {
      await changePassword({ body });
    },
    onSuccess: () => {
      form.reset();
      notifyDone(t("account.passwordDone"), t("common.close"));
    },
    onError: (error) => applyProblem(form, error),
  });
  const toggle = { "aria-label": t("auth.showPassword"), tabIndex: 0 };
  return (
    <Surface as="section" aria-labelledby="password">
      <Title order={2} size="h3" id="password">
        {t("account.password")}
      </Title>
      <Text c="dimmed">{t("account.passwordText")}</Text>
      <form noValidate onSubmit={form.handleSubmit((values) => save.mutate(values))}>
        <Stack gap="md" mt="md">
          <FormError error={save.error} />
          <PasswordInput
            label={t("account.currentPassword")}
            autoComplete="current-password"
            required
            error={errors.current_password?.message}
            visibilityToggleButtonProps={toggle}
            {...form.register("current_password")}
          />
          <PasswordInput
            label={t("auth.newPassword")}
            description={t("auth.passwordHint")}
            autoComplete="new-password"
            required
            error={errors.new_password?.message}
            visibilityToggleButtonProps={toggle}
            {...form.register("new_password")}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={save.isPending}>
              {t("account.passwordSave")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Surface>
  );
}
