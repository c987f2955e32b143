import { type AdminSectionOut, createSection, newKey, patchSection } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { ConfirmModal } from "@belgenet/ui";
import { TextInput } from "@mantine/core";
import { useState } from "react";
import { STALE_COURSE } from "../shared/tones";
import { useAction } from "../shared/useAction";

export function SectionDialog({
  courseId,
  section,
  onClose,
}: {
  courseId: string;
  section: AdminSectionOut | null;
  onClose: () => void;
}) {
  const t = useT();
  const [key] = useState(newKey);
  const [title, setTitle] = useState(section?.title ?? "");
  const save = useAction<void, unknown>({
    run: () =>
      section
        ? patchSection({ path: { section_id: section.id }, body: { title: title.trim() } })
        : createSection({
            path: { course_id: courseId },
            headers: { "Idempotency-Key": key },
            body: { title: title.trim() },
          }),
    stale: STALE_COURSE,
    after: onClose,
    quiet: true,
  });
  return (
    <ConfirmModal
      opened
      title={section ? t("admin.courses.editSection") : t("admin.courses.addSection")}
      confirm={t("common.save")}
      busy={save.isPending}
      error={save.error}
      disabled={title.trim() === ""}
      onConfirm={() => save.mutate()}
      onClose={onClose}
    >
      <TextInput
        label={t("admin.courses.sectionTitle")}
        required
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
        data-autofocus
      />
    </ConfirmModal>
  );
}
