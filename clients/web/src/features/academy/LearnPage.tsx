import { useT } from "@belgenet/i18n";
import { EmptyState, Page } from "@belgenet/ui";
import { useQuery } from "@tanstack/react-query";
import { useParams, useSearchParams } from "react-router";
import { NotYet } from "@/shared/NotYet";
import { type EnrolledLesson, type EnrollmentDetail, enrollmentQuery } from "./api";
import { Finished } from "./Finished";
import css from "./Learn.module.css";
import { LearnOutline } from "./LearnOutline";
import { LessonView } from "./LessonView";

/** A course in work: outline on one side, the open lesson on the other. The lesson is part of the address. */
export function LearnPage() {
  const { enrollmentId = "" } = useParams();
  const { data, error, refetch } = useQuery({
    ...enrollmentQuery({ path: { enrollment_id: enrollmentId } }),
    // Completed, but the certificate is still being made: look again soon.
    refetchInterval: (query) =>
      query.state.data?.completed_at && !query.state.data.certificate_id ? 2_500 : false,
  });
  if (data) return <Learn enrollment={data} refetch={() => void refetch()} />;
  return <NotYet error={error} onRetry={() => void refetch()} />;
}

function Learn({ enrollment, refetch }: { enrollment: EnrollmentDetail; refetch: () => void }) {
  const t = useT();
  const [params, setParams] = useSearchParams();
  const lessons = enrollment.sections.flatMap((section) => section.lessons);
  const current = pickLesson(lessons, params.get("lesson"));
  const open = (id: string) => {
    setParams({ lesson: id });
    window.scrollTo(0, 0);
  };
  const at = current ? lessons.indexOf(current) : -1;
  return (
    <Page
      title={current ? `${current.title} – ${enrollment.course.title}` : enrollment.course.title}
      width="normal"
    >
      <div className={css.layout}>
        <LearnOutline enrollment={enrollment} current={current?.id} onOpen={open} />
        <div className={css.main}>
          {enrollment.completed_at ? <Finished enrollment={enrollment} /> : null}
          {current ? (
            <LessonView
              key={current.id}
              enrollmentId={enrollment.id}
              lesson={current}
              previous={lessons[at - 1]?.id}
              next={lessons[at + 1]?.id}
              onOpen={open}
              onChanged={refetch}
            />
          ) : (
            <EmptyState title={t("academy.learn.noLessons")} />
          )}
        </div>
      </div>
    </Page>
  );
}

/** The asked lesson, else the first that is not complete, else the first. */
export function pickLesson(lessons: EnrolledLesson[], asked: string | null): EnrolledLesson | undefined {
  return lessons.find((l) => l.id === asked) ?? lessons.find((l) => !l.completed_at) ?? lessons[0];
}
