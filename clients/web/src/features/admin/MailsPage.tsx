import { useT } from "@belgenet/i18n";
import { Page, PageHeader } from "@belgenet/ui";
import { SegmentedControl } from "@mantine/core";
import { MailTable } from "./messages/MailTable";
import { SmsTable } from "./messages/SmsTable";
import { useUrlState } from "./shared/useUrlState";

/** What the institution wrote to people, one channel at a time. */
export function MailsPage() {
  const t = useT();
  const [channel, setChannel] = useUrlState("channel", ["state"]);
  const sms = channel === "sms";
  return (
    <Page title={t("admin.nav.mails")} width="wide">
      <PageHeader title={t("admin.nav.mails")} intro={t("admin.mails.intro")} />
      <SegmentedControl
        mb="md"
        aria-label={t("admin.mails.channel")}
        value={sms ? "sms" : "mail"}
        onChange={(value) => setChannel(value === "sms" ? value : "")}
        data={[
          { value: "mail", label: t("admin.mails.mail") },
          { value: "sms", label: t("admin.mails.sms.name") },
        ]}
      />
      {sms ? <SmsTable /> : <MailTable />}
    </Page>
  );
}
