import type { AuditOut } from "@belgenet/api";
import { DateTime } from "@belgenet/ui";
import own from "./orders/Orders.module.css";
import css from "./shared/List.module.css";

/** Recorded acts as a short list. */
export function Activity({ rows }: { rows: AuditOut[] }) {
  return (
    <ol className={own.events}>
      {rows.map((row) => (
        <li key={row.id}>
          <strong>{row.action}</strong> {row.target_type}
          <span className={css.sub}>
            <DateTime value={row.created_at} />
            {row.actor_name ? ` · ${row.actor_name}` : ""}
          </span>
        </li>
      ))}
    </ol>
  );
}
