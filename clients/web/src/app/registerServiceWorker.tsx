import { Button } from "@mantine/core";
import i18next from "i18next";

/**
 * Registers the worker after the page has settled and offers a new version instead of forcing it: nobody
 * loses a half-filled form to an update.
 */
export function registerServiceWorker(): void {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  window.addEventListener("load", () => {
    const start = (): void => void register();
    if ("requestIdleCallback" in window) window.requestIdleCallback(start, { timeout: 8000 });
    else setTimeout(start, 3000);
  });
}

async function register(): Promise<void> {
  const [{ Workbox }, { notifications }] = await Promise.all([
    import("workbox-window"),
    import("@mantine/notifications"),
  ]);
  const worker = new Workbox("/sw.js");
  worker.addEventListener("waiting", () => {
    const t = i18next.getFixedT(null, "app");
    worker.addEventListener("controlling", () => window.location.reload());
    notifications.show({
      id: "update",
      title: t("common.update.title"),
      message: (
        <Button size="xs" mt={6} onClick={() => worker.messageSkipWaiting()}>
          {t("common.update.action")}
        </Button>
      ),
      autoClose: false,
      closeButtonProps: { "aria-label": t("common.close") },
    });
  });
  await worker.register().catch(() => undefined);
}
