import { guest, type SessionOut as Session } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { PersonForm } from "./PersonForm";

/** Name and address only: nobody has to open an account to give. */
export function GuestForm({ onSession, back }: { onSession: (session: Session) => void; back?: () => void }) {
  const t = useT();
  return (
    <PersonForm
      submit={t("common.continue")}
      send={async (person) => (await guest({ body: person })).data}
      onDone={onSession}
      back={back}
    />
  );
}
