import { useT } from "@belgenet/i18n";
import { Surface } from "@belgenet/ui";
import { notifyDone } from "@belgenet/ui/notify";
import { Button, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useAuth } from "@/app/AuthContext";
import { GuestForm } from "./GuestForm";
import { JoinForm } from "./JoinForm";
import { SignInForm } from "./SignInForm";

type Way = "guest" | "signIn" | "register";

/** Contact step of every checkout: guest, sign in or register, without leaving the page. */
export function Contact({ onDone, onBack }: { onDone: () => void; onBack?: () => void }) {
  const t = useT();
  const { account, accept, signOut } = useAuth();
  const [way, setWay] = useState<Way>("guest");
  if (account) {
    return (
      <Stack gap="lg" mt="lg">
        <Surface tone="tint">
          <Text fw={600}>{t("giving.contact.signedInAs", { name: account.full_name })}</Text>
          <Text c="dimmed">{account.email}</Text>
          <Button variant="subtle" size="compact-md" mt="xs" ml={-10} onClick={() => void signOut()}>
            {t("giving.contact.other")}
          </Button>
        </Surface>
        <Group justify="space-between">
          {onBack ? (
            <Button variant="default" onClick={onBack}>
              {t("common.back")}
            </Button>
          ) : (
            <span />
          )}
          <Button onClick={onDone}>{t("common.continue")}</Button>
        </Group>
      </Stack>
    );
  }
  const session = (s: Parameters<typeof accept>[0]) => {
    accept(s);
    onDone();
  };
  const joined = (s: Parameters<typeof accept>[0]) => {
    notifyDone(t("auth.join.sent", { email: s.account.email }), t("common.close"));
    session(s);
  };
  return (
    <Stack gap="lg" mt="lg" maw={520}>
      <SegmentedControl
        fullWidth
        value={way}
        onChange={(v) => setWay(v as Way)}
        aria-label={t("giving.contact.how")}
        data={[
          { value: "guest", label: t("giving.contact.guest") },
          { value: "signIn", label: t("giving.contact.signIn") },
          { value: "register", label: t("giving.contact.register") },
        ]}
      />
      {way === "guest" ? <GuestForm onSession={session} back={onBack} /> : null}
      {way === "signIn" ? <SignInForm onSession={session} back={onBack} /> : null}
      {way === "register" ? <JoinForm onSession={joined} back={onBack} /> : null}
    </Stack>
  );
}
