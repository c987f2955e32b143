import { toApiError } from "@belgenet/api";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";

/** A short notice that something worked. */
export function notifyDone(message: string, closeLabel: string): void {
  notifications.show({
    message,
    color: "green",
    icon: <IconCheck size={18} />,
    autoClose: 5000,
    closeButtonProps: { "aria-label": closeLabel },
  });
}

/** A notice that something failed, with the server's sentence when it gave one. */
export function notifyProblem(error: unknown, fallback: string, closeLabel: string): void {
  const problem = toApiError(error);
  const title = problem.detail ? problem.title : "";
  const message = problem.detail || fallback;
  notifications.show({
    ...(title && title !== message ? { title } : {}),
    message,
    color: "red",
    icon: <IconAlertTriangle size={18} />,
    autoClose: 9000,
    closeButtonProps: { "aria-label": closeLabel },
  });
}
