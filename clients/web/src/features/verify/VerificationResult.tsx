import { useT } from "@belgenet/i18n";
import { DateTime, Facts } from "@belgenet/ui";
import { Alert, Title } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleX,
  IconHelpCircle,
  IconRefresh,
  IconShieldCheck,
} from "@tabler/icons-react";
import { useTenant } from "@/app/TenantContext";
import { kindKey } from "@/features/certificates/labels";
import type { Verification } from "./api";
import type { QrResult } from "./qrSignature";
import css from "./Verify.module.css";

const ICON = {
  valid: IconCircleCheck,
  revoked: IconCircleX,
  replaced: IconRefresh,
  unknown: IconHelpCircle,
} as const;

type Result = Pick<Verification, "status"> & Partial<Verification>;

/** The answer in one look: colour, sign, heading and a sentence; then what may be compared with the paper. */
export function VerificationResult({
  result,
  code,
  signature,
}: {
  result: Result;
  code: string;
  signature: QrResult;
}) {
  const t = useT();
  const tenant = useTenant();
  const issuer = result.issuer ?? tenant.name;
  const Icon = ICON[result.status];
  return (
    <article className={css.result} data-status={result.status}>
      <div className={css.verdict}>
        <Icon size={52} stroke={1.4} aria-hidden />
        <div>
          <Title order={2} data-testid="verdict">
            {t(`certificates.verify.${result.status}`)}
          </Title>
          <p>
            {t(`certificates.verify.${result.status}Text` as "certificates.verify.validText", { issuer })}
          </p>
          <code className={css.code}>{code}</code>
        </div>
      </div>
      {signature === "bad" ? (
        <Alert
          color="red"
          icon={<IconAlertTriangle size={20} />}
          m="lg"
          title={t("certificates.verify.signatureBad")}
        />
      ) : null}
      {signature === "good" ? (
        <p className={css.signed}>
          <IconShieldCheck size={20} stroke={1.7} aria-hidden /> {t("certificates.verify.signatureGood")}
        </p>
      ) : null}
      {result.status === "unknown" ? null : <VerifiedFacts result={result} issuer={issuer} />}
    </article>
  );
}

function VerifiedFacts({ result, issuer }: { result: Result; issuer: string }) {
  const t = useT();
  return (
    <div className={css.facts}>
      <Facts
        columns={2}
        items={[
          { label: t("certificates.verify.what"), value: result.title ?? t(kindKey(result.kind)) },
          { label: t("certificates.verify.recipient"), value: result.recipient },
          { label: t("certificates.verify.issuer"), value: issuer },
          result.issued_on
            ? {
                label: t("certificates.verify.issued"),
                value: <DateTime value={result.issued_on} kind="date" />,
              }
            : null,
          result.revoked_at
            ? {
                label: t("certificates.verify.revokedAt"),
                value: <DateTime value={result.revoked_at} kind="date" />,
              }
            : null,
          result.reason
            ? {
                label: t("certificates.verify.reason"),
                value: t(`certificates.reason.${result.reason}` as "certificates.reason.other", {
                  defaultValue: result.reason,
                }),
              }
            : null,
          { label: t("certificates.verify.number"), value: result.number },
          result.names?.length
            ? { label: t("certificates.verify.names"), value: result.names.join(", ") }
            : null,
        ]}
      />
      <p className={css.masked}>{t("certificates.verify.masked")}</p>
    </div>
  );
}
