import { useT } from "@belgenet/i18n";
import { Surface } from "@belgenet/ui";
import { Loader, Title } from "@mantine/core";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import type { TimelineStep } from "./orderView";
import css from "./Timeline.module.css";

/** Where the order stands; changes are read out politely. */
export function Timeline({ steps, live }: { steps: TimelineStep[]; live: boolean }) {
  const t = useT();
  return (
    <Surface as="section" aria-labelledby="timeline" className={css.box}>
      <Title order={2} size="h3" id="timeline">
        {t("orders.page.timeline")}
      </Title>
      <ol className={css.list} aria-live="polite" aria-relevant="additions text">
        {steps.map((step) => (
          <li
            key={step.text}
            data-state={step.state}
            aria-current={step.state === "now" ? "step" : undefined}
          >
            <span className={css.dot} aria-hidden>
              {step.state === "done" ? <IconCheck size={16} stroke={2.4} /> : null}
              {step.state === "bad" ? <IconAlertTriangle size={15} stroke={2.2} /> : null}
              {step.state === "now" ? <Loader size={14} color="brand" /> : null}
            </span>
            <span>{t(`orders.step.${step.text}`)}</span>
          </li>
        ))}
      </ol>
      {live ? <p className={css.live}>{t("orders.page.liveOn")}</p> : null}
    </Surface>
  );
}
