import { useT } from "@belgenet/i18n";
import { Alert } from "@mantine/core";
import { useSite } from "@/app/TenantContext";

/** Where payments go to a test provider, nobody should believe to have given money. */
export function SandboxNotice() {
  const t = useT();
  if (!useSite().sandbox) return null;
  return (
    <Alert role="note" color="yellow" title={t("orders.sandbox.title")}>
      {t("orders.sandbox.text")}
    </Alert>
  );
}
