import { useT } from "@belgenet/i18n";
import { EmptyState, FormError } from "@belgenet/ui";
import { Button, Title } from "@mantine/core";
import { IconArrowLeft, IconArrowRight, IconCheck } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { completeLesson, type EnrolledLesson } from "./api";
import css from "./Learn.module.css";
import { LessonHtml } from "./LessonHtml";
import { LessonVideo } from "./LessonVideo";

interface Props {
  enrollmentId: string;
  lesson: EnrolledLesson;
  previous: string | undefined;
  next: string | undefined;
  onOpen: (id: string) => void;
  onChanged: () => void;
}

/** One lesson and the way on. Marked complete by hand, or by watching a video to its end. */
export function LessonView({ enrollmentId, lesson, previous, next, onOpen, onChanged }: Props) {
  const t = useT();
  const queries = useQueryClient();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  const complete = useMutation({
    mutationFn: async (_: { thenNext: boolean }) =>
      (await completeLesson({ path: { enrollment_id: enrollmentId, lesson_id: lesson.id } })).data,
    onSuccess: (_, { thenNext }) => {
      onChanged();
      void queries.invalidateQueries({ queryKey: [{ _id: "listMyEnrollments" }] });
      if (thenNext && next) onOpen(next);
    },
  });
  const done = Boolean(lesson.completed_at);
  const empty = lesson.kind === "video" ? !lesson.video_url : !lesson.body_html;
  return (
    <article>
      <Title order={1} ref={heading} tabIndex={-1} mb="lg">
        {lesson.title}
      </Title>
      {empty ? <EmptyState title={t("academy.learn.empty")} /> : null}
      {lesson.kind === "video" && lesson.video_url ? (
        <LessonVideo
          src={lesson.video_url}
          title={lesson.title}
          onEnded={() => (done ? undefined : complete.mutate({ thenNext: false }))}
        />
      ) : null}
      {lesson.body_html ? <LessonHtml html={lesson.body_html} /> : null}
      <FormError error={complete.error} />
      <div className={css.actions}>
        {previous ? (
          <Button
            variant="default"
            leftSection={<IconArrowLeft size={18} />}
            onClick={() => onOpen(previous)}
          >
            {t("academy.learn.previous")}
          </Button>
        ) : (
          <span />
        )}
        {done ? (
          <span className={css.done}>
            <IconCheck size={19} stroke={2.2} aria-hidden /> {t("academy.learn.done")}
            {next ? (
              <Button rightSection={<IconArrowRight size={18} />} onClick={() => onOpen(next)}>
                {t("academy.learn.next")}
              </Button>
            ) : null}
          </span>
        ) : (
          <Button
            leftSection={<IconCheck size={18} />}
            loading={complete.isPending}
            onClick={() => complete.mutate({ thenNext: true })}
          >
            {next ? t("academy.learn.completeNext") : t("academy.learn.complete")}
          </Button>
        )}
      </div>
    </article>
  );
}
