import { type AdminLessonOut, createLesson, newKey, patchLesson } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { ConfirmModal } from "@belgenet/ui";
import { NativeSelect, NumberInput, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { STALE_COURSE } from "../shared/tones";
import { useAction } from "../shared/useAction";

export function LessonDialog({
  sectionId,
  lesson,
  onClose,
}: {
  sectionId: string;
  lesson: AdminLessonOut | null;
  onClose: () => void;
}) {
  const t = useT();
  const [key] = useState(newKey);
  const [title, setTitle] = useState(lesson?.title ?? "");
  const [kind, setKind] = useState<"text" | "video">(lesson?.kind ?? "text");
  const [body, setBody] = useState(lesson?.body_html ?? "");
  const [video, setVideo] = useState(lesson?.video_url ?? "");
  const [minutes, setMinutes] = useState(lesson?.duration_minutes ?? 0);
  const save = useAction<void, unknown>({
    run: () => {
      const content = kind === "video" ? videoContent(video, lesson) : { body_html: body };
      const values = { title: title.trim(), kind, duration_minutes: minutes, ...content };
      return lesson
        ? patchLesson({ path: { lesson_id: lesson.id }, body: values })
        : createLesson({
            path: { section_id: sectionId },
            headers: { "Idempotency-Key": key },
            body: values,
          });
    },
    stale: STALE_COURSE,
    after: onClose,
    quiet: true,
  });
  return (
    <ConfirmModal
      opened
      size="lg"
      title={lesson ? t("admin.courses.editLesson") : t("admin.courses.addLesson")}
      confirm={t("common.save")}
      busy={save.isPending}
      error={save.error}
      disabled={title.trim() === "" || (kind === "video" && video.trim() === "")}
      onConfirm={() => save.mutate()}
      onClose={onClose}
    >
      <TextInput
        label={t("admin.courses.lessonTitle")}
        required
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
        data-autofocus
      />
      <NativeSelect
        label={t("admin.courses.lessonKind")}
        value={kind}
        onChange={(event) => setKind(event.currentTarget.value as "text" | "video")}
        data={[
          { value: "text", label: t("academy.course.text") },
          { value: "video", label: t("academy.course.video") },
        ]}
      />
      {kind === "text" ? (
        <Textarea
          label={t("admin.courses.lessonBody")}
          description={t("admin.courses.lessonBodyHint")}
          autosize
          minRows={8}
          maxRows={18}
          value={body}
          onChange={(event) => setBody(event.currentTarget.value)}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        />
      ) : (
        <TextInput
          type="url"
          label={t("admin.courses.lessonVideo")}
          placeholder="https://"
          required
          value={video}
          onChange={(event) => setVideo(event.currentTarget.value)}
        />
      )}
      <NumberInput
        label={t("admin.courses.lessonMinutes")}
        min={0}
        max={10_000}
        allowDecimal={false}
        value={minutes}
        onChange={(v) => setMinutes(Number(v) || 0)}
      />
    </ConfirmModal>
  );
}

/** An uploaded video keeps its file unless another address was typed. */
function videoContent(
  address: string,
  lesson: AdminLessonOut | null,
): { video_url?: string; video_file_id?: string } {
  if (lesson?.video_file_id && address.trim() === (lesson.video_url ?? ""))
    return { video_file_id: lesson.video_file_id };
  return { video_url: address.trim() };
}
