import { type AdminCertificateOut, type RevokeIn, revokeCertificate } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { ConfirmModal } from "@belgenet/ui";
import { NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { useAction } from "../shared/useAction";

type Code = NonNullable<RevokeIn["code"]>;
const CODES: Code[] = ["issued_in_error", "refunded", "other"];

export function RevokeDialog({
  certificate,
  onClose,
}: {
  certificate: AdminCertificateOut;
  onClose: () => void;
}) {
  const t = useT();
  const [code, setCode] = useState<Code>("issued_in_error");
  const [reason, setReason] = useState("");
  const revoke = useAction({
    run: () =>
      revokeCertificate({ path: { certificate_id: certificate.id }, body: { code, reason: reason.trim() } }),
    stale: ["listCertificates", "getAdminOrder"],
    done: () => t("admin.certificates.revoked"),
    after: onClose,
    quiet: true,
  });
  return (
    <ConfirmModal
      opened
      danger
      title={t("admin.certificates.revokeTitle")}
      text={t("admin.certificates.revokeText")}
      confirm={t("admin.certificates.revoke")}
      busy={revoke.isPending}
      error={revoke.error}
      disabled={reason.trim() === ""}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    >
      <NativeSelect
        label={t("admin.certificates.revokeCode")}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value as Code)}
        data={CODES.map((value) => ({ value, label: t(`certificates.reason.${value}`) }))}
      />
      <TextInput
        label={t("admin.certificates.revokeNote")}
        required
        value={reason}
        maxLength={200}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </ConfirmModal>
  );
}
