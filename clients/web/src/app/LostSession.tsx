import { useT } from "@belgenet/i18n";
import { Button, Group, Modal, Text } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useAuth } from "./AuthContext";
import { forgetLost } from "./session";

const SignInForm = lazy(async () => ({ default: (await import("@/features/auth/SignInForm")).SignInForm }));

/** When a session ends under somebody's hands: sign in again in place, with the page and its draft kept. */
export function LostSession() {
  const t = useT();
  const { lost, accept } = useAuth();
  return (
    <Modal
      opened={lost}
      onClose={forgetLost}
      title={t("auth.expired.title")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <Text mb="md">{t("auth.expired.text")}</Text>
      <Suspense>{lost ? <SignInForm onSession={accept} /> : null}</Suspense>
      <Group justify="center" mt="sm">
        <Button variant="subtle" onClick={forgetLost}>
          {t("common.cancel")}
        </Button>
      </Group>
    </Modal>
  );
}
