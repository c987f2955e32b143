import { type AdminCourseOut, ifMatch, patchCourse, publishCourse } from "@belgenet/api";
import { getAdminCourseOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { StatusBadge } from "@belgenet/ui";
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "react-router";
import css from "../shared/List.module.css";
import { RecordPage } from "../shared/RecordPage";
import { COURSE_TONE, STALE_COURSE } from "../shared/tones";
import { useAction } from "../shared/useAction";
import { CourseForm } from "./CourseForm";
import { Outline } from "./Outline";

/** One course: details, price, sections and lessons; `/admin/courses/new` starts one. */
export function AdminCoursePage() {
  const t = useT();
  const navigate = useNavigate();
  const { id = "" } = useParams();
  const query = useQuery({ ...getAdminCourseOptions({ path: { course_id: id } }), enabled: id !== "new" });
  return (
    <RecordPage
      list={{ path: "/admin/courses", title: t("admin.nav.courses") }}
      newTitle={t("admin.courses.new")}
      query={query}
      create={
        <CourseForm onSaved={(saved) => void navigate(`/admin/courses/${saved.id}`, { replace: true })} />
      }
      badge={({ status }) => (
        <StatusBadge size="xl" tone={COURSE_TONE[status]}>
          {t(`admin.courses.status.${status}`)}
        </StatusBadge>
      )}
      actions={(course) => <StatusButtons course={course} />}
    >
      {(course) => (
        <div className={`${css.grid} ${css.two}`}>
          <Outline course={course} />
          <CourseForm key={course.version} course={course} />
        </div>
      )}
    </RecordPage>
  );
}

function StatusButtons({ course }: { course: AdminCourseOut }) {
  const t = useT();
  const path = { course_id: course.id };
  const publish = useAction({ run: () => publishCourse({ path }), stale: STALE_COURSE });
  const archive = useAction({
    run: () => patchCourse({ path, headers: ifMatch(course.version), body: { status: "archived" } }),
    stale: STALE_COURSE,
  });
  if (course.status !== "published")
    return (
      <Button loading={publish.isPending} onClick={() => publish.mutate()}>
        {t("admin.courses.publish")}
      </Button>
    );
  return (
    <>
      <Button component={Link} to={`/courses/${course.slug}`} variant="default">
        {t("admin.campaigns.view")}
      </Button>
      <Button variant="light" color="red" loading={archive.isPending} onClick={() => archive.mutate()}>
        {t("admin.courses.archive")}
      </Button>
    </>
  );
}
