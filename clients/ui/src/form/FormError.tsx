import { toApiError } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { Alert } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { findingsAbove } from "./problem";

/** The error of a submit, above the fields. Takes focus so that it is read out. */
export function FormError({ error }: { error: unknown }) {
  const t = useT();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error) box.current?.focus();
  }, [error]);
  if (!error) return null;
  const problem = toApiError(error);
  const findings = findingsAbove(error);
  const text = problem.isNetwork
    ? t("common.error.networkText")
    : problem.detail || t("common.error.faultText");
  const title = problem.detail ? problem.title : "";
  return (
    <Alert
      ref={box}
      tabIndex={-1}
      role="alert"
      color="red"
      icon={<IconAlertTriangle size={20} />}
      title={title || text}
    >
      {title && title !== text ? <div>{text}</div> : null}
      {findings.length > 0 ? (
        <ul>
          {findings.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      ) : null}
      {problem.status >= 500 && problem.requestId
        ? t("common.error.reference", { id: problem.requestId })
        : null}
    </Alert>
  );
}
