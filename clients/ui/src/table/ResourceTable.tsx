import { useT } from "@belgenet/i18n";
import { Button, Group } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { DataTable, type DataTableColumn } from "mantine-datatable";
import "mantine-datatable/styles.layer.css";
import type { ReactNode } from "react";
import { EmptyState } from "../feedback/EmptyState";
import { ErrorState } from "../feedback/ErrorState";
import { RowsSkeleton } from "../feedback/Skeletons";
import css from "./ResourceTable.module.css";

export type Column<T> = DataTableColumn<T>;

interface Props<T extends { id: string }> {
  /** Name of the list for screen readers. */
  label: string;
  rows: T[] | undefined;
  columns: Column<T>[];
  error?: unknown;
  onRetry?: () => void;
  empty: ReactNode | string;
  hasMore?: boolean;
  onMore?: () => void;
  busy?: boolean;
  /** How many there are in view, announced politely. */
  count?: string;
}

/** List of things: skeleton, empty, error and "show more" in one place. Cells bring their own links. */
export function ResourceTable<T extends { id: string }>({
  label,
  rows,
  columns,
  error,
  onRetry,
  empty,
  hasMore,
  onMore,
  busy,
  count,
}: Props<T>) {
  const t = useT();
  const narrow = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  if (error && !rows) return <ErrorState error={error} onRetry={onRetry} />;
  if (!rows) return <RowsSkeleton />;
  if (rows.length === 0) return typeof empty === "string" ? <EmptyState title={empty} /> : empty;
  return (
    <div aria-busy={busy}>
      {narrow ? (
        <Cards label={label} rows={rows} columns={columns} />
      ) : (
        <div className={css.frame}>
          <DataTable<T>
            records={rows}
            columns={columns as DataTableColumn<T>[]}
            idAccessor="id"
            verticalSpacing="sm"
            horizontalSpacing="md"
            minHeight={0}
            backgroundColor="var(--bn-surface)"
            rowBorderColor="var(--bn-line)"
            borderColor="var(--bn-line)"
            highlightOnHover
            classNames={{ header: css.head ?? "" }}
            scrollAreaProps={{ viewportProps: { tabIndex: 0, role: "region", "aria-label": label } }}
          />
        </div>
      )}
      <Group justify="space-between" mt="sm">
        <span className={css.count} aria-live="polite">
          {count}
        </span>
        {hasMore ? (
          <Button variant="default" size="sm" onClick={onMore} loading={busy}>
            {t("common.more")}
          </Button>
        ) : null}
      </Group>
    </div>
  );
}

/** The same rows for a narrow screen: one card each, the first column as its heading. */
function Cards<T extends { id: string }>({
  label,
  rows,
  columns,
}: Pick<Props<T>, "label" | "columns"> & { rows: T[] }) {
  const [head, ...rest] = columns;
  return (
    <ul className={css.cards} aria-label={label}>
      {rows.map((row, index) => (
        <li key={row.id} className={css.card}>
          <div className={css.cardHead}>{head ? cell(head, row, index) : null}</div>
          <dl>
            {rest.map((column) => (
              <div key={String(column.accessor)} data-actions={column.accessor === "id" || undefined}>
                <dt>{column.title}</dt>
                <dd>{cell(column, row, index)}</dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}

function cell<T>(column: Column<T>, row: T, index: number): ReactNode {
  return column.render
    ? column.render(row, index)
    : ((row as Record<string, unknown>)[String(column.accessor)] as ReactNode);
}
