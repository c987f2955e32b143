import { useT } from "@belgenet/i18n";
import {
  CardsSkeleton,
  Cover,
  EmptyState,
  ErrorState,
  Page,
  PageHeader,
  StatusBadge,
  useFormat,
} from "@belgenet/ui";
import { Button, Progress } from "@mantine/core";
import { IconSchool } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { paging } from "@/shared/paging";
import { type Enrollment, myEnrollmentsQuery } from "./api";
import css from "./Catalogue.module.css";
import mine from "./MyCourses.module.css";

export function MyCoursesPage() {
  const t = useT();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    ...myEnrollmentsQuery({ query: { limit: 24 } }),
    ...paging,
  });
  const items = data?.pages.flatMap((page) => page.items);
  return (
    <Page title={t("academy.mine.title")}>
      <PageHeader title={t("academy.mine.title")} intro={t("academy.mine.intro")} />
      {items?.length === 0 ? (
        <EmptyState
          icon={<IconSchool size={26} stroke={1.6} />}
          title={t("academy.mine.empty")}
          action={
            <Button component={Link} to="/">
              {t("academy.mine.browse")}
            </Button>
          }
        >
          {t("academy.mine.emptyText")}
        </EmptyState>
      ) : null}
      {items ? (
        <div className={css.grid}>
          {items.map((e) => (
            <EnrollmentCard key={e.id} enrollment={e} />
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
    </Page>
  );
}

function EnrollmentCard({ enrollment }: { enrollment: Enrollment }) {
  const t = useT();
  const format = useFormat();
  const { course, progress_percent: percent } = enrollment;
  return (
    <article className={css.card}>
      <Cover src={course.image_url} seed={course.slug} ratio="2.2 / 1" />
      <div className={css.body}>
        <h2 className={mine.title}>
          <Link to={`/learn/${enrollment.id}`} className={css.cardLink}>
            {course.title}
          </Link>
        </h2>
        <div className={mine.progress}>
          <Progress
            value={percent}
            size="md"
            aria-label={t("academy.mine.progress")}
            color={enrollment.completed_at ? "green" : undefined}
          />
          <span className="bn-numbers">{format.percent(percent)}</span>
        </div>
        <div className={css.foot}>
          <strong>
            {percent === 0
              ? t("academy.mine.start")
              : enrollment.completed_at
                ? t("academy.mine.review")
                : t("academy.mine.continue")}
          </strong>
          {enrollment.completed_at ? (
            <StatusBadge tone="good">{t("academy.mine.completed")}</StatusBadge>
          ) : null}
        </div>
      </div>
    </article>
  );
}
