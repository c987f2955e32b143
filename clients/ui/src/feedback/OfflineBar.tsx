import { useT } from "@belgenet/i18n";
import { IconCloudOff } from "@tabler/icons-react";
import css from "./OfflineBar.module.css";
import { useOnline } from "./useOnline";

/** Tells that the network is gone, on every page. */
export function OfflineBar() {
  const t = useT();
  const online = useOnline();
  return (
    <div role="status" aria-live="polite">
      {online ? null : (
        <div className={css.bar}>
          <IconCloudOff size={18} aria-hidden /> {t("common.offline")}
        </div>
      )}
    </div>
  );
}
