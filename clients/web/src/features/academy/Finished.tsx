import { useT } from "@belgenet/i18n";
import { Surface } from "@belgenet/ui";
import { Button, Title } from "@mantine/core";
import { IconConfetti } from "@tabler/icons-react";
import { Link } from "react-router";
import type { EnrollmentDetail } from "./api";
import css from "./Learn.module.css";

/** The course is complete; the certificate follows within seconds. */
export function Finished({ enrollment }: { enrollment: EnrollmentDetail }) {
  const t = useT();
  const ready = Boolean(enrollment.certificate_id);
  return (
    <Surface as="section" tone="tint" className={css.finished} aria-live="polite">
      <IconConfetti size={36} stroke={1.4} aria-hidden />
      <div>
        <Title order={2} size="h3">
          {t("academy.learn.finishedTitle")}
        </Title>
        <p>{ready ? t("academy.learn.finishedReady") : t("academy.learn.finishedText")}</p>
      </div>
      <Button component={Link} to="/me/certificates" variant={ready ? "filled" : "light"}>
        {t("academy.learn.toCertificates")}
      </Button>
    </Surface>
  );
}
