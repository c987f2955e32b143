import { ifMatch, type ManagedTenantOut, patchPlatformTenant } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { ConfirmModal } from "@belgenet/ui";
import { NumberInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

const GB = 1024 ** 3;

interface Props {
  tenant: ManagedTenantOut;
  onClose: () => void;
  onSaved: () => void;
}

/** Name, domain and storage of an institution, as the installation's owner sees it. */
export function EditTenantDialog({ tenant, onClose, onSaved }: Props) {
  const t = useT();
  const [name, setName] = useState(tenant.name);
  const [domain, setDomain] = useState(tenant.domain ?? "");
  const [quota, setQuota] = useState<number | string>(
    tenant.storage_quota_bytes === null ? "" : tenant.storage_quota_bytes / GB,
  );
  const save = useMutation({
    mutationFn: () =>
      patchPlatformTenant({
        path: { tenant_key: tenant.id },
        headers: ifMatch(tenant.version),
        body: {
          name: name.trim(),
          domain: domain.trim() || null,
          storage_quota_bytes: quota === "" ? null : Math.round(Number(quota) * GB),
        },
      }),
    onSuccess: () => {
      onSaved();
      onClose();
    },
  });
  return (
    <ConfirmModal
      opened
      title={t("common.platform.editTitle")}
      text={tenant.slug}
      confirm={t("common.save")}
      busy={save.isPending}
      error={save.error}
      disabled={name.trim() === ""}
      onConfirm={() => save.mutate()}
      onClose={onClose}
    >
      <TextInput
        label={t("common.platform.name")}
        required
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <TextInput
        label={`${t("common.platform.domain")} (${t("common.optional")})`}
        description={t("common.platform.domainHint")}
        value={domain}
        onChange={(event) => setDomain(event.currentTarget.value.toLowerCase())}
      />
      <NumberInput
        label={`${t("common.platform.quota")} (${t("common.optional")})`}
        description={t("common.platform.quotaHint")}
        min={0}
        max={1_000_000}
        decimalScale={2}
        value={quota}
        onChange={setQuota}
      />
    </ConfirmModal>
  );
}
