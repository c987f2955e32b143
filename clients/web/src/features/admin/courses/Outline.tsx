import {
  type AdminCourseOut,
  type AdminLessonOut,
  type AdminSectionOut,
  patchLesson,
  patchSection,
  removeLesson,
  removeSection,
} from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { ConfirmModal, Surface } from "@belgenet/ui";
import { ActionIcon, Button, Text, Title } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPencil, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { LessonIcon } from "@/features/academy/LessonIcon";
import css from "../shared/List.module.css";
import { STALE_COURSE } from "../shared/tones";
import { useAction } from "../shared/useAction";
import { LessonDialog } from "./LessonDialog";
import own from "./Outline.module.css";
import { SectionDialog } from "./SectionDialog";

type Asking =
  | { act: "section"; section: AdminSectionOut | null }
  | { act: "lesson"; section: AdminSectionOut; lesson: AdminLessonOut | null }
  | { act: "delete"; section?: AdminSectionOut; lesson?: AdminLessonOut }
  | null;

/** Sections and lessons: add, edit, move, delete. */
export function Outline({ course }: { course: AdminCourseOut }) {
  const t = useT();
  const [asking, setAsking] = useState<Asking>(null);
  const close = () => setAsking(null);
  const moveSection = useAction({
    run: (v: { id: string; position: number }) =>
      patchSection({ path: { section_id: v.id }, body: { position: v.position } }),
    stale: STALE_COURSE,
    done: () => undefined,
  });
  const moveLesson = useAction({
    run: (v: { id: string; position: number }) =>
      patchLesson({ path: { lesson_id: v.id }, body: { position: v.position } }),
    stale: STALE_COURSE,
    done: () => undefined,
  });
  const remove = useAction<void, unknown>({
    run: async () => {
      if (asking?.act !== "delete") return;
      if (asking.lesson) await removeLesson({ path: { lesson_id: asking.lesson.id } });
      else if (asking.section) await removeSection({ path: { section_id: asking.section.id } });
    },
    stale: STALE_COURSE,
    after: close,
    quiet: true,
  });
  return (
    <Surface as="section" aria-label={t("admin.courses.content")}>
      <div className={css.head}>
        <Title order={2} size="h4">
          {t("admin.courses.content")}
        </Title>
        <Button size="sm" onClick={() => setAsking({ act: "section", section: null })}>
          {t("admin.courses.addSection")}
        </Button>
      </div>
      {course.sections.length === 0 ? <Text c="dimmed">{t("admin.courses.noSections")}</Text> : null}
      {course.sections.map((section, at) => (
        <section key={section.id} className={own.section} aria-label={section.title}>
          <div className={own.row}>
            <h3>{section.title}</h3>
            <RowTools
              name={section.title}
              first={at === 0}
              last={at === course.sections.length - 1}
              onMove={(by) => moveSection.mutate({ id: section.id, position: at + by })}
              onEdit={() => setAsking({ act: "section", section })}
              onDelete={() => setAsking({ act: "delete", section })}
            />
          </div>
          <ul>
            {section.lessons.map((lesson, n) => (
              <li key={lesson.id} className={own.row}>
                <LessonIcon kind={lesson.kind} />
                <span className={own.name}>{lesson.title}</span>
                <RowTools
                  name={lesson.title}
                  first={n === 0}
                  last={n === section.lessons.length - 1}
                  onMove={(by) => moveLesson.mutate({ id: lesson.id, position: n + by })}
                  onEdit={() => setAsking({ act: "lesson", section, lesson })}
                  onDelete={() => setAsking({ act: "delete", lesson })}
                />
              </li>
            ))}
          </ul>
          <Button
            size="xs"
            variant="subtle"
            onClick={() => setAsking({ act: "lesson", section, lesson: null })}
          >
            {t("admin.courses.addLesson")}
          </Button>
        </section>
      ))}
      {asking?.act === "section" ? (
        <SectionDialog courseId={course.id} section={asking.section} onClose={close} />
      ) : null}
      {asking?.act === "lesson" ? (
        <LessonDialog sectionId={asking.section.id} lesson={asking.lesson} onClose={close} />
      ) : null}
      <ConfirmModal
        opened={asking?.act === "delete"}
        danger
        title={
          asking?.act === "delete" && asking.lesson
            ? t("admin.courses.deleteLesson")
            : t("admin.courses.deleteSection")
        }
        text={`${asking?.act === "delete" ? (asking.lesson ?? asking.section)?.title : ""}: ${t("admin.courses.deleteText")}`}
        confirm={t("common.delete")}
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
        onClose={close}
      />
    </Surface>
  );
}

interface ToolsProps {
  name: string;
  first: boolean;
  last: boolean;
  onMove: (by: number) => void;
  onEdit: () => void;
  onDelete: () => void;
}

function RowTools({ name, first, last, onMove, onEdit, onDelete }: ToolsProps) {
  const t = useT();
  const tool = { variant: "subtle", color: "gray", size: "lg" } as const;
  return (
    <div className={own.tools}>
      <ActionIcon
        {...tool}
        disabled={first}
        aria-label={`${name}: ${t("admin.courses.moveUp")}`}
        onClick={() => onMove(-1)}
      >
        <IconArrowUp size={18} />
      </ActionIcon>
      <ActionIcon
        {...tool}
        disabled={last}
        aria-label={`${name}: ${t("admin.courses.moveDown")}`}
        onClick={() => onMove(1)}
      >
        <IconArrowDown size={18} />
      </ActionIcon>
      <ActionIcon {...tool} aria-label={`${name}: ${t("common.edit")}`} onClick={onEdit}>
        <IconPencil size={18} />
      </ActionIcon>
      <ActionIcon {...tool} color="red" aria-label={`${name}: ${t("common.delete")}`} onClick={onDelete}>
        <IconTrash size={18} />
      </ActionIcon>
    </div>
  );
}
