import { useT } from "@belgenet/i18n";
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { FormError } from "../form/FormError";

interface Props {
  opened: boolean;
  title: string;
  text?: ReactNode;
  confirm: string;
  /** Words of the way out; "cancel" unless that is what the dialog is about. */
  dismiss?: string;
  danger?: boolean;
  size?: "md" | "lg";
  busy?: boolean;
  disabled?: boolean;
  error?: unknown;
  onConfirm: () => void;
  onClose: () => void;
  children?: ReactNode;
}

/** Asks before something that cannot be taken back; the button names the act. */
export function ConfirmModal({
  opened,
  title,
  text,
  confirm,
  dismiss,
  danger,
  size = "md",
  busy,
  disabled,
  error,
  onConfirm,
  onClose,
  children,
}: Props) {
  const t = useT();
  return (
    <Modal
      opened={opened}
      size={size}
      onClose={onClose}
      title={title}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm();
        }}
      >
        <Stack gap="md">
          {text ? <Text>{text}</Text> : null}
          <FormError error={error} />
          {children}
          <Group justify="flex-end" gap="sm" mt="xs">
            <Button variant="default" onClick={onClose}>
              {dismiss ?? t("common.cancel")}
            </Button>
            <Button type="submit" color={danger ? "red" : undefined} loading={busy} disabled={disabled}>
              {confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
