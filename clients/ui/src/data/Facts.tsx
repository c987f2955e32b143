import type { ReactNode } from "react";
import css from "./Facts.module.css";

export interface Fact {
  label: string;
  value: ReactNode;
}

/** Name and value pairs as a definition list; empty values are left out. */
export function Facts({
  items,
  columns = 1,
}: {
  items: (Fact | null | false | undefined)[];
  columns?: 1 | 2 | 3;
}) {
  return (
    <dl className={css.list} data-columns={columns}>
      {items.map((item) =>
        item && item.value !== null && item.value !== undefined && item.value !== "" ? (
          <div key={item.label} className={css.item}>
            <dt>{item.label}</dt>
            <dd>{item.value}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}
