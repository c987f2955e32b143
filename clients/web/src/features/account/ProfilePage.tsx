import { useT } from "@belgenet/i18n";
import { Page, PageHeader } from "@belgenet/ui";
import { Stack } from "@mantine/core";
import { useAuth } from "@/app/AuthContext";
import { DetailsForm } from "./DetailsForm";
import { PasswordCard } from "./PasswordCard";
import { Sessions } from "./Sessions";

/** Name, phone, language; password; where one is signed in. */
export function ProfilePage() {
  const t = useT();
  const { account } = useAuth();
  if (!account) return null;
  return (
    <Page title={t("account.title")}>
      <PageHeader title={t("account.title")} />
      <Stack gap="xl" maw={760}>
        <DetailsForm account={account} />
        {account.is_guest ? null : <PasswordCard />}
        <Sessions />
      </Stack>
    </Page>
  );
}
