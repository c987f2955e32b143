import { forgotPassword } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { FormError, Surface } from "@belgenet/ui";
import { Alert, Button, Stack, Text, Title } from "@mantine/core";
import { IconMailCheck } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";

export function PasswordCard({ email }: { email: string }) {
  const t = useT();
  const send = useMutation({
    mutationFn: async () => {
      await forgotPassword({ body: { email } });
    },
  });
  return (
    <Surface as="section" aria-labelledby="password">
      <Title order={2} size="h3" id="password">
        {t("account.password")}
      </Title>
      <Stack gap="md" mt="xs" align="flex-start">
        <Text c="dimmed">{t("account.passwordText")}</Text>
        <FormError error={send.error} />
        {send.isSuccess ? (
          <Alert
            color="blue"
            icon={<IconMailCheck size={20} />}
            title={t("account.passwordSent")}
            role="status"
          />
        ) : (
          <Button variant="default" loading={send.isPending} onClick={() => send.mutate()}>
            {t("account.passwordSend")}
          </Button>
        )}
      </Stack>
    </Surface>
  );
}
