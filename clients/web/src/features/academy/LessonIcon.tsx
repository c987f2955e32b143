import { useT } from "@belgenet/i18n";
import { IconFileText, IconPlayerPlay } from "@tabler/icons-react";

/** Sign of a lesson's kind, named for screen readers. */
export function LessonIcon({ kind }: { kind: string }) {
  const t = useT();
  const video = kind === "video";
  const Icon = video ? IconPlayerPlay : IconFileText;
  return (
    <Icon
      size={19}
      stroke={1.6}
      role="img"
      aria-label={video ? t("academy.course.video") : t("academy.course.text")}
    />
  );
}
