import { toApiError } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { Button, Title } from "@mantine/core";
import { IconCloudOff, IconDoorOff, IconLock, IconMoodPuzzled, IconTool } from "@tabler/icons-react";
import type { ReactNode } from "react";
import css from "./State.module.css";

const KIND = {
  network: { Icon: IconCloudOff, title: "common.error.networkTitle", text: "common.error.networkText" },
  forbidden: { Icon: IconLock, title: "common.error.forbiddenTitle", text: "common.error.forbiddenText" },
  closed: { Icon: IconDoorOff, title: "common.error.closedTitle", text: "common.error.missingText" },
  vacant: { Icon: IconMoodPuzzled, title: "common.error.vacantTitle", text: "common.error.vacantText" },
  missing: { Icon: IconMoodPuzzled, title: "common.error.missingTitle", text: "common.error.missingText" },
  fault: { Icon: IconTool, title: "common.error.faultTitle", text: "common.error.faultText" },
} as const;

export function errorKind(status: number, code = ""): keyof typeof KIND {
  if (code === "tenant_suspended") return "closed";
  if (code === "tenant_not_found") return "vacant";
  if (status === 0) return "network";
  if (status === 401 || status === 403) return "forbidden";
  if (status === 404) return "missing";
  return "fault";
}

/** What failed, what to do, the number to quote. The server's own sentence is preferred where it helps. */
export function ErrorState({
  error,
  onRetry,
  action,
  heading = 2,
}: {
  error: unknown;
  onRetry?: () => void;
  action?: ReactNode;
  heading?: 1 | 2;
}) {
  const t = useT();
  const problem = toApiError(error);
  const kind = errorKind(problem.status, problem.code);
  const said = kind === "fault" || kind === "closed" ? problem.detail : "";
  const { Icon, title, text } = KIND[kind];
  return (
    <div className={css.state} role="alert">
      <div className={css.icon} data-tone={kind === "fault" ? "bad" : undefined} aria-hidden>
        <Icon size={26} stroke={1.6} />
      </div>
      <Title order={heading} size="h3">
        {t(title)}
      </Title>
      <div className={css.text}>{said || t(text)}</div>
      {onRetry && kind !== "missing" ? (
        <Button variant="light" onClick={onRetry}>
          {t("common.retry")}
        </Button>
      ) : null}
      {action}
      {problem.requestId ? (
        <div className={css.reference}>{t("common.error.reference", { id: problem.requestId })}</div>
      ) : null}
    </div>
  );
}
