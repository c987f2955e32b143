import { createPlatformTenant } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { ConfirmModal } from "@belgenet/ui";
import { NativeSelect, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

/** Opens an institution and invites its first administrator. */
export function NewTenantDialog({ onClose, onCreated }: { onClose: () => void; onCreated: () => void }) {
  const t = useT();
  const [name, setName] = useState("");
  const [slug, setSlug] = useState("");
  const [kind, setKind] = useState<"academy" | "charity">("academy");
  const [domain, setDomain] = useState("");
  const [email, setEmail] = useState("");
  const create = useMutation({
    mutationFn: () =>
      createPlatformTenant({
        body: {
          name: name.trim(),
          slug: slug.trim(),
          kind,
          domain: domain.trim() || null,
          admin_email: email.trim() || null,
        },
      }),
    onSuccess: () => {
      onCreated();
      onClose();
    },
  });
  return (
    <ConfirmModal
      opened
      title={t("common.platform.new")}
      confirm={t("common.add")}
      busy={create.isPending}
      error={create.error}
      disabled={name.trim() === "" || slug.trim().length < 2}
      onConfirm={() => create.mutate()}
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
        label={t("common.platform.slug")}
        description={t("common.platform.slugHint")}
        required
        maxLength={80}
        value={slug}
        onChange={(event) => setSlug(event.currentTarget.value.toLowerCase())}
      />
      <NativeSelect
        label={t("common.platform.kind")}
        value={kind}
        onChange={(event) => setKind(event.currentTarget.value as "academy" | "charity")}
        data={[
          { value: "academy", label: t("common.platform.academy") },
          { value: "charity", label: t("common.platform.charity") },
        ]}
      />
      <TextInput
        label={`${t("common.platform.domain")} (${t("common.optional")})`}
        value={domain}
        onChange={(event) => setDomain(event.currentTarget.value)}
      />
      <TextInput
        label={`${t("common.platform.admin")} (${t("common.optional")})`}
        type="email"
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
    </ConfirmModal>
  );
}
