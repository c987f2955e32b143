import { register as registerAccount } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { PersonForm } from "./PersonForm";

/** Opens an account; the address is confirmed by a link in an e-mail. */
export function RegisterForm({ onDone }: { onDone: (email: string) => void }) {
  const t = useT();
  return (
    <PersonForm
      withPassword
      submit={t("auth.register.submit")}
      send={async (person, password) => {
        await registerAccount({ body: { ...person, password } });
        return person.email;
      }}
      onDone={onDone}
    />
  );
}
