import { isZero, useLocale, useT } from "@belgenet/i18n";
import { CardsSkeleton, Cover, EmptyState, ErrorState, Money, Page, PageHeader } from "@belgenet/ui";
import { Button, Title } from "@mantine/core";
import { IconArrowRight, IconSchool } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { useTenant } from "@/app/TenantContext";
import { paging } from "@/shared/paging";
import { tagline } from "@/shared/texts";
import { type CourseCard, coursesQuery } from "./api";
import css from "./Catalogue.module.css";
import { CourseMeta } from "./CourseMeta";

/** Home of an academy. */
export function CataloguePage() {
  const t = useT();
  const tenant = useTenant();
  const locale = useLocale();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    ...coursesQuery({ query: { limit: 24 } }),
    ...paging,
  });
  const courses = data?.pages.flatMap((page) => page.items);
  return (
    <Page title={tenant.name}>
      <PageHeader
        title={tagline(tenant.branding.tagline, locale) || t("academy.list.title")}
        intro={t("academy.list.intro")}
      />
      <section aria-labelledby="courses">
        <Title order={2} id="courses" className="bn-visually-hidden">
          {t("academy.list.courses")}
        </Title>
        {courses?.length === 0 ? (
          <EmptyState icon={<IconSchool size={26} stroke={1.6} />} title={t("academy.list.emptyTitle")}>
            {t("academy.list.emptyText")}
          </EmptyState>
        ) : null}
        {courses ? (
          <div className={css.grid}>
            {courses.map((course) => (
              <CourseCardView key={course.id} course={course} />
            ))}
          </div>
        ) : error ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : (
          <CardsSkeleton />
        )}
        {hasNextPage ? (
          <Button variant="default" mt="xl" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t("common.more")}
          </Button>
        ) : null}
      </section>
    </Page>
  );
}

function CourseCardView({ course }: { course: CourseCard }) {
  const t = useT();
  return (
    <article className={css.card}>
      <Cover src={course.image_url} seed={course.slug} />
      <div className={css.body}>
        <h3>
          <Link to={`/courses/${course.slug}`} className={css.cardLink}>
            {course.title}
          </Link>
        </h3>
        <p className={css.summary}>{course.summary}</p>
        <CourseMeta lessons={course.lesson_count} minutes={course.duration_minutes} />
        <div className={css.foot}>
          <strong>{isZero(course.price) ? t("academy.free") : <Money value={course.price} />}</strong>
          <IconArrowRight size={20} stroke={1.7} aria-hidden />
        </div>
      </div>
    </article>
  );
}
