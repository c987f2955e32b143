import { type AdminCertificateOut, newKey, reissueCertificate } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { ConfirmModal } from "@belgenet/ui";
import { TextInput } from "@mantine/core";
import { useState } from "react";
import { useAction } from "../shared/useAction";

export function ReissueDialog({
  certificate,
  onClose,
}: {
  certificate: AdminCertificateOut;
  onClose: () => void;
}) {
  const t = useT();
  const [key] = useState(newKey);
  const [recipient, setRecipient] = useState(certificate.recipient);
  const [reason, setReason] = useState("");
  const reissue = useAction({
    run: () =>
      reissueCertificate({
        path: { certificate_id: certificate.id },
        headers: { "Idempotency-Key": key },
        body: {
          reason: reason.trim(),
          recipient: recipient.trim() === certificate.recipient ? null : recipient.trim(),
        },
      }),
    stale: ["listCertificates", "getAdminOrder"],
    done: () => t("admin.certificates.reissued"),
    after: onClose,
    quiet: true,
  });
  return (
    <ConfirmModal
      opened
      title={t("admin.certificates.reissueTitle")}
      text={t("admin.certificates.reissueText")}
      confirm={t("admin.certificates.reissue")}
      busy={reissue.isPending}
      error={reissue.error}
      disabled={reason.trim() === "" || recipient.trim() === ""}
      onConfirm={() => reissue.mutate()}
      onClose={onClose}
    >
      <TextInput
        label={t("admin.certificates.reissueName")}
        description={t("admin.certificates.reissueNameHint")}
        value={recipient}
        maxLength={200}
        onChange={(event) => setRecipient(event.currentTarget.value)}
      />
      <TextInput
        label={t("admin.order.refundReason")}
        required
        value={reason}
        maxLength={200}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </ConfirmModal>
  );
}
