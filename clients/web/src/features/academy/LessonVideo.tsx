import { useT } from "@belgenet/i18n";
import { Alert } from "@mantine/core";
import { useState } from "react";
import css from "./Learn.module.css";

/** The browser's own player; the one place to replace when lessons need more of one. */
export function LessonVideo({ src, title, onEnded }: { src: string; title: string; onEnded: () => void }) {
  const t = useT();
  const [failed, setFailed] = useState(false);
  return (
    <>
      {/* biome-ignore lint/a11y/useMediaCaption: authors cannot upload captions yet */}
      <video
        className={css.video}
        src={src}
        controls
        playsInline
        preload="metadata"
        aria-label={`${t("academy.learn.video")}: ${title}`}
        onEnded={onEnded}
        onError={() => setFailed(true)}
      />
      {failed ? <Alert color="yellow" mt="sm" title={t("academy.learn.videoFail")} /> : null}
    </>
  );
}
