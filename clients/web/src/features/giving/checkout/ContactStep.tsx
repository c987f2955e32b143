import { useT } from "@belgenet/i18n";
import { Title } from "@mantine/core";
import { useAuth } from "@/app/AuthContext";
import { LazyContact } from "@/features/auth/LazyContact";
import css from "./Checkout.module.css";

/** Who is ordering: a guest, or somebody with an account. Somebody signed in only confirms. */
export function ContactStep({ onDone, onBack }: { onDone: () => void; onBack: () => void }) {
  const t = useT();
  const { account } = useAuth();
  return (
    <div>
      <Title order={1} size="h2" tabIndex={-1}>
        {t("giving.contact.title")}
      </Title>
      {account ? null : <p className={css.lead}>{t("giving.contact.intro")}</p>}
      <LazyContact onDone={onDone} onBack={onBack} />
    </div>
  );
}
