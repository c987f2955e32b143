import { Title } from "@mantine/core";
import type { ReactNode } from "react";
import css from "./State.module.css";

/** Says what would be here and offers the one thing to do about it. */
export function EmptyState({
  icon,
  title,
  children,
  action,
}: {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={css.state}>
      {icon ? (
        <div className={css.icon} aria-hidden>
          {icon}
        </div>
      ) : null}
      <Title order={2} size="h3">
        {title}
      </Title>
      {children ? <div className={css.text}>{children}</div> : null}
      {action}
    </div>
  );
}
