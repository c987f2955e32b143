import { useT } from "@belgenet/i18n";
import { useFormat } from "@belgenet/ui";
import { Button, Drawer, Progress } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCircleCheckFilled, IconList } from "@tabler/icons-react";
import { Link } from "react-router";
import type { EnrollmentDetail } from "./api";
import css from "./Learn.module.css";
import { LessonIcon } from "./LessonIcon";

interface Props {
  enrollment: EnrollmentDetail;
  current: string | undefined;
  onOpen: (id: string) => void;
}

/** List of lessons with ticks; a drawer on phones. */
export function LearnOutline(props: Props) {
  const t = useT();
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <aside className={css.outline}>
        <List {...props} />
      </aside>
      <Button
        className={css.openOutline}
        variant="default"
        leftSection={<IconList size={19} />}
        onClick={open}
      >
        {t("academy.learn.openOutline")}
      </Button>
      <Drawer
        opened={opened}
        onClose={close}
        title={t("academy.learn.outline")}
        size="88%"
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        <List
          {...props}
          onOpen={(id) => {
            props.onOpen(id);
            close();
          }}
        />
      </Drawer>
    </>
  );
}

function List({ enrollment, current, onOpen }: Props) {
  const t = useT();
  const format = useFormat();
  const percent = enrollment.progress_percent;
  return (
    <nav aria-label={t("academy.learn.outline")}>
      <Link to={`/courses/${enrollment.course.slug}`} className={css.course}>
        {enrollment.course.title}
      </Link>
      <div className={css.progress}>
        <Progress value={percent} size="md" aria-label={t("academy.mine.progress")} />
        <span>{t("academy.learn.progress", { percent: format.percent(percent) })}</span>
      </div>
      {enrollment.sections.map((section) => (
        <div key={section.id} className={css.section}>
          <h2>{section.title}</h2>
          <ul>
            {section.lessons.map((lesson) => (
              <li key={lesson.id}>
                <button
                  type="button"
                  aria-current={lesson.id === current || undefined}
                  onClick={() => onOpen(lesson.id)}
                >
                  {lesson.completed_at ? (
                    <IconCircleCheckFilled
                      size={19}
                      role="img"
                      aria-label={t("academy.learn.done")}
                      className={css.tick}
                    />
                  ) : (
                    <LessonIcon kind={lesson.kind} />
                  )}
                  <span>{lesson.title}</span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
