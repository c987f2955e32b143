import { Title } from "@mantine/core";
import type { ReactNode } from "react";
import css from "./State.module.css";

/** Says what would be here and offers the one thing to do about it. */
export function EmptyState({
  icon,
  title,
  children,
  action,
  heading = 2,
}: {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  heading?: 1 | 2;
}) {
  return (
    <div className={css.state}>
      {icon ? (
        <div className={css.icon} aria-hidden>
          {icon}
        </div>
      ) : null}
      <Title order={heading} size="h3" tabIndex={heading === 1 ? -1 : undefined}>
        {title}
      </Title>
      {children ? <div className={css.text}>{children}</div> : null}
      {action}
    </div>
  );
}
