import { Title } from "@mantine/core";
import type { ReactNode } from "react";
import css from "./Page.module.css";

/** The page's h1 (focused after navigation), a sentence below it and the page's actions. */
export function PageHeader({
  title,
  intro,
  before,
  actions,
}: {
  title: ReactNode;
  intro?: ReactNode;
  before?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className={css.header}>
      <div className={css.titles}>
        {before}
        <Title order={1} tabIndex={-1}>
          {title}
        </Title>
        {typeof intro === "string" ? <p className={css.intro}>{intro}</p> : null}
        {intro && typeof intro !== "string" ? <div className={css.intro}>{intro}</div> : null}
      </div>
      {actions ? <div className={css.actions}>{actions}</div> : null}
    </div>
  );
}
