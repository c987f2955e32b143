import { type AdminLessonOut, createLesson, newKey, patchLesson } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { ConfirmModal } from "@belgenet/ui";
import { Button, Group, NativeSelect, NumberInput, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { IconMovie } from "@tabler/icons-react";
import { useState } from "react";
import { STALE_COURSE } from "../shared/tones";
import { Upload } from "../shared/Upload";
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
  const [file, setFile] = useState(
    lesson?.video_file_id ? { id: lesson.video_file_id, name: t("admin.upload.uploaded") } : null,
  );
  const [minutes, setMinutes] = useState(lesson?.duration_minutes ?? 0);
  const save = useAction<void, unknown>({
    run: () => {
      const content =
        kind === "text"
          ? { body_html: body }
          : file
            ? { video_file_id: file.id }
            : { video_url: video.trim() };
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
      disabled={title.trim() === "" || (kind === "video" && !file && video.trim() === "")}
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
        <VideoSource address={video} onAddress={setVideo} file={file} onFile={setFile} />
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

interface VideoFile {
  id: string;
  name: string;
}

/** Where a lesson's video is: a file uploaded here, or an address. */
function VideoSource({
  address,
  onAddress,
  file,
  onFile,
}: {
  address: string;
  onAddress: (address: string) => void;
  file: VideoFile | null;
  onFile: (file: VideoFile | null) => void;
}) {
  const t = useT();
  if (file)
    return (
      <Group justify="space-between" wrap="nowrap">
        <Text style={{ overflowWrap: "anywhere" }}>
          <IconMovie size={18} aria-hidden style={{ verticalAlign: "-3px" }} /> {file.name}
        </Text>
        <Button variant="subtle" color="red" size="compact-sm" onClick={() => onFile(null)}>
          {t("admin.upload.remove")}
        </Button>
      </Group>
    );
  return (
    <Stack gap="xs">
      <TextInput
        type="url"
        label={t("admin.courses.lessonVideo")}
        placeholder="https://"
        required
        value={address}
        onChange={(event) => onAddress(event.currentTarget.value)}
      />
      <Upload kind="video" purpose="course_material" onDone={({ id, name }) => onFile({ id, name })} />
    </Stack>
  );
}
