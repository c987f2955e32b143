import { ifMatch, type ManagedTenantOut, patchPlatformTenant } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { ConfirmModal } from "@belgenet/ui";
import { useMutation } from "@tanstack/react-query";

/** Closes an institution's site until it is opened again. */
export function SuspendDialog({
  tenant,
  onClose,
  onSaved,
}: {
  tenant: ManagedTenantOut;
  onClose: () => void;
  onSaved: () => void;
}) {
  const t = useT();
  const change = useMutation({
    mutationFn: () =>
      patchPlatformTenant({
        path: { tenant_key: tenant.id },
        headers: ifMatch(tenant.version),
        body: { suspended: true },
      }),
    onSuccess: () => {
      onSaved();
      onClose();
    },
  });
  return (
    <ConfirmModal
      opened
      danger
      title={t("common.platform.suspendTitle", { name: tenant.name })}
      text={t("common.platform.suspendText")}
      confirm={t("common.platform.suspend")}
      busy={change.isPending}
      error={change.error}
      onConfirm={() => change.mutate()}
      onClose={onClose}
    />
  );
}
