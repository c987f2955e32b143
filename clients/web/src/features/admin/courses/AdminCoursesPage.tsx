import type { AdminCourseCard } from "@belgenet/api";
import { listAdminCoursesInfiniteOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { EmptyState, Money, Page, PageHeader, StatusBadge } from "@belgenet/ui";
import { ResourceTable } from "@belgenet/ui/table";
import { Button } from "@mantine/core";
import { IconSchool } from "@tabler/icons-react";
import { Link } from "react-router";
import css from "../shared/List.module.css";
import { COURSE_TONE } from "../shared/tones";
import { useList } from "../shared/useList";

export function AdminCoursesPage() {
  const t = useT();
  const list = useList<AdminCourseCard>(listAdminCoursesInfiniteOptions({ query: { limit: 50 } }));
  const create = (
    <Button component={Link} to="/admin/courses/new">
      {t("admin.courses.new")}
    </Button>
  );
  return (
    <Page title={t("admin.nav.courses")} width="wide">
      <PageHeader title={t("admin.nav.courses")} intro={t("admin.courses.intro")} actions={create} />
      <ResourceTable
        label={t("admin.nav.courses")}
        {...list}
        empty={
          <EmptyState
            icon={<IconSchool size={26} stroke={1.6} />}
            title={t("admin.courses.empty")}
            action={create}
          />
        }
        columns={[
          {
            accessor: "title",
            title: t("admin.campaigns.title"),
            render: (c) => (
              <>
                <Link to={`/admin/courses/${c.id}`} className={css.strong}>
                  {c.title}
                </Link>
                <span className={css.sub}>{t("academy.lessons", { count: c.lesson_count })}</span>
              </>
            ),
          },
          {
            accessor: "status",
            title: t("admin.list.status"),
            render: (c) => (
              <StatusBadge tone={COURSE_TONE[c.status]}>{t(`admin.courses.status.${c.status}`)}</StatusBadge>
            ),
          },
          {
            accessor: "price",
            title: t("admin.courses.price"),
            textAlign: "right",
            render: (c) => <Money value={c.price} />,
          },
        ]}
      />
    </Page>
  );
}
