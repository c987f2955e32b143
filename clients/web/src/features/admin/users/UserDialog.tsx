import { ifMatch, patchUser, type Role, type UserOut } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { ConfirmModal } from "@belgenet/ui";
import { Checkbox, Stack, Switch, TextInput } from "@mantine/core";
import { useState } from "react";
import { useAction } from "../shared/useAction";

/** Name, roles and access of one account. Only what changed is sent. */
export function UserDialog({
  user,
  roles,
  onClose,
}: {
  user: UserOut;
  roles: readonly Role[];
  onClose: () => void;
}) {
  const t = useT();
  const [name, setName] = useState(user.full_name);
  const [chosen, setChosen] = useState<string[]>(user.roles);
  const [disabled, setDisabled] = useState(user.disabled);
  const same = [...chosen].sort().join() === [...user.roles].sort().join();
  const save = useAction({
    run: () =>
      patchUser({
        path: { user_id: user.id },
        headers: ifMatch(user.version),
        body: {
          ...(name.trim() === user.full_name ? {} : { full_name: name.trim() }),
          ...(same ? {} : { roles: chosen as Role[] }),
          ...(disabled === user.disabled ? {} : { disabled }),
        },
      }),
    stale: ["listUsers"],
    after: onClose,
    quiet: true,
  });
  return (
    <ConfirmModal
      opened
      title={t("admin.users.edit")}
      text={user.email}
      confirm={t("common.save")}
      busy={save.isPending}
      error={save.error}
      disabled={name.trim().length < 2 || chosen.length === 0}
      onConfirm={() => save.mutate()}
      onClose={onClose}
    >
      <TextInput
        label={t("auth.fullName")}
        required
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Checkbox.Group label={t("admin.users.roles")} value={chosen} onChange={setChosen}>
        <Stack gap="xs" mt="xs">
          {roles.map((role) => (
            <Checkbox key={role} value={role} label={t(`admin.role.${role}`)} />
          ))}
        </Stack>
      </Checkbox.Group>
      <Switch
        label={t("admin.users.disable")}
        color="red"
        checked={disabled}
        onChange={(event) => setDisabled(event.currentTarget.checked)}
      />
    </ConfirmModal>
  );
}
