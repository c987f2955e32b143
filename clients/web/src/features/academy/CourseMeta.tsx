import { useT } from "@belgenet/i18n";
import { IconBook2, IconClock } from "@tabler/icons-react";
import css from "./Catalogue.module.css";

/** "45 dk" or "2 sa 10 dk". */
export function useDuration(): (minutes: number) => string {
  const t = useT();
  return (minutes) =>
    minutes < 60
      ? t("academy.minutes", { count: minutes })
      : t("academy.hours", { h: Math.floor(minutes / 60), m: minutes % 60 });
}

export function CourseMeta({ lessons, minutes }: { lessons: number; minutes: number }) {
  const t = useT();
  const duration = useDuration();
  return (
    <ul className={css.meta}>
      <li>
        <IconBook2 size={17} stroke={1.6} aria-hidden /> {t("academy.lessons", { count: lessons })}
      </li>
      {minutes > 0 ? (
        <li>
          <IconClock size={17} stroke={1.6} aria-hidden /> {duration(minutes)}
        </li>
      ) : null}
    </ul>
  );
}
