import { isZero, useT } from "@belgenet/i18n";
import { Cover, Money, Page, PageHeader, Surface } from "@belgenet/ui";
import { Accordion, Anchor, Button, Title } from "@mantine/core";
import { IconArrowLeft, IconCertificate, IconDevices, IconInfinity } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { NotYet } from "@/shared/NotYet";
import { RichText } from "@/shared/RichText";
import { type CourseDetail, courseQuery } from "./api";
import css from "./Course.module.css";
import { CourseMeta, useDuration } from "./CourseMeta";
import { LessonIcon } from "./LessonIcon";

export function CoursePage() {
  const t = useT();
  const { slug = "" } = useParams();
  const { data, error, refetch } = useQuery(courseQuery({ path: { course: slug } }));
  if (!data) return <NotYet error={error} onRetry={() => void refetch()} />;
  const back = (
    <Anchor component={Link} to="/" className={css.back}>
      <IconArrowLeft size={18} aria-hidden /> {t("academy.course.back")}
    </Anchor>
  );
  return (
    <Page title={data.title}>
      <PageHeader before={back} title={data.title} intro={data.summary} />
      <div className={css.layout}>
        <div className={css.story}>
          {data.description ? (
            <section aria-labelledby="about">
              <Title order={2} id="about" mb="sm">
                {t("academy.course.about")}
              </Title>
              <RichText text={data.description} />
            </section>
          ) : null}
          <Outline course={data} />
        </div>
        <BuyBox course={data} />
      </div>
    </Page>
  );
}

function Outline({ course }: { course: CourseDetail }) {
  const t = useT();
  const duration = useDuration();
  return (
    <section aria-labelledby="outline">
      <Title order={2} id="outline" mb="sm">
        {t("academy.course.outline")}
      </Title>
      <Accordion
        multiple
        defaultValue={course.sections.slice(0, 2).map((s) => s.id)}
        variant="separated"
        radius="lg"
        order={3}
      >
        {course.sections.map((section) => (
          <Accordion.Item key={section.id} value={section.id}>
            <Accordion.Control>
              <span className={css.section}>
                {section.title}
                <span>{t("academy.lessons", { count: section.lessons.length })}</span>
              </span>
            </Accordion.Control>
            <Accordion.Panel>
              <ul className={css.lessons}>
                {section.lessons.map((lesson) => (
                  <li key={lesson.id}>
                    <LessonIcon kind={lesson.kind} />
                    <span>{lesson.title}</span>
                    {lesson.duration_minutes > 0 ? (
                      <span className={css.minutes}>{duration(lesson.duration_minutes)}</span>
                    ) : null}
                  </li>
                ))}
              </ul>
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
    </section>
  );
}

function BuyBox({ course }: { course: CourseDetail }) {
  const t = useT();
  const enrolled = course.enrollment_id;
  const free = isZero(course.price);
  return (
    <Surface as="aside" flush className={css.box} aria-label={course.title}>
      <Cover src={course.image_url} seed={course.slug} />
      <div className={css.boxBody}>
        <strong className={css.price}>{free ? t("academy.free") : <Money value={course.price} />}</strong>
        {enrolled ? (
          <Button component={Link} to={`/learn/${enrolled}`} size="lg" fullWidth>
            {t("academy.course.go")}
          </Button>
        ) : (
          <Button component={Link} to={`/checkout/courses/${course.slug}`} size="lg" fullWidth>
            {free ? t("academy.course.enrol") : t("academy.course.buy")}
          </Button>
        )}
        <CourseMeta lessons={course.lesson_count} minutes={course.duration_minutes} />
        <ul className={css.included} aria-label={t("academy.course.included")}>
          <li>
            <IconInfinity size={19} stroke={1.6} aria-hidden /> {t("academy.course.includedLessons")}
          </li>
          <li>
            <IconCertificate size={19} stroke={1.6} aria-hidden /> {t("academy.course.includedCertificate")}
          </li>
          <li>
            <IconDevices size={19} stroke={1.6} aria-hidden /> {t("academy.course.includedDevices")}
          </li>
        </ul>
      </div>
    </Surface>
  );
}
