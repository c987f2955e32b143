import { type AdminCourseOut, ifMatch, patchCourse, publishCourse } from "@belgenet/api";
import { getAdminCourseOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { ErrorState, Page, PageHeader, PageSkeleton, StatusBadge } from "@belgenet/ui";
import { Anchor, Button } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "react-router";
import { NotFound } from "@/app/NotFoundPage";
import { isMissing } from "@/shared/errors";
import css from "../shared/List.module.css";
import { COURSE_TONE, STALE_COURSE } from "../shared/tones";
import { useAction } from "../shared/useAction";
import { CourseForm } from "./CourseForm";
import { Outline } from "./Outline";

/** One course: details, price, sections and lessons; `/admin/courses/new` starts one. */
export function AdminCoursePage() {
  const t = useT();
  const navigate = useNavigate();
  const { id = "" } = useParams();
  const isNew = id === "new";
  const { data, error, refetch } = useQuery({
    ...getAdminCourseOptions({ path: { course_id: id } }),
    enabled: !isNew,
  });
  const back = (
    <Anchor component={Link} to="/admin/courses" size="sm">
      <IconArrowLeft size={15} aria-hidden /> {t("admin.nav.courses")}
    </Anchor>
  );
  if (isNew)
    return (
      <Page title={t("admin.courses.new")} width="wide">
        <PageHeader before={back} title={t("admin.courses.new")} />
        <CourseForm onSaved={(course) => void navigate(`/admin/courses/${course.id}`, { replace: true })} />
      </Page>
    );
  if (!data) {
    if (isMissing(error)) return <NotFound />;
    return error ? (
      <Page width="wide">
        <ErrorState error={error} heading={1} onRetry={() => void refetch()} />
      </Page>
    ) : (
      <PageSkeleton />
    );
  }
  return (
    <Page title={data.title} width="wide">
      <PageHeader
        before={back}
        title={data.title}
        intro={
          <StatusBadge size="xl" tone={COURSE_TONE[data.status]}>
            {t(`admin.courses.status.${data.status}`)}
          </StatusBadge>
        }
        actions={<StatusButtons course={data} />}
      />
      <div className={`${css.grid} ${css.two}`}>
        <Outline course={data} />
        <CourseForm key={data.version} course={data} />
      </div>
    </Page>
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
