import { guest, register as registerAccount, type SessionOut as Session } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { Text } from "@mantine/core";
import { useRef } from "react";
import { PersonForm } from "./PersonForm";

interface Props {
  onSession: (session: Session) => void;
  back?: () => void;
}

/**
 * Opens an account without leaving the checkout. An account gives no session before its address is
 * confirmed, so the order is placed as a guest of the same address; following the mailed link hands it over.
 */
export function JoinForm({ onSession, back }: Props) {
  const t = useT();
  // A second try after a lost connection must not mail a second link, which would make the first one void.
  const asked = useRef("");
  return (
    <PersonForm
      withPassword
      submit={t("auth.join.submit")}
      send={async (person, password) => {
        const key = JSON.stringify([person, password]);
        if (asked.current !== key) await registerAccount({ body: { ...person, password } });
        asked.current = key;
        return (await guest({ body: person })).data;
      }}
      onDone={onSession}
      back={back}
    >
      <Text size="sm" c="dimmed">
        {t("auth.join.hint")}
      </Text>
    </PersonForm>
  );
}
