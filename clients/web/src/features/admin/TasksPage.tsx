import { type DeadLetterOut, retryDeadLetter, retryDeadLetters } from "@belgenet/api";
import { listDeadLettersInfiniteOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { DateTime, EmptyState, Page, PageHeader, StatusBadge } from "@belgenet/ui";
import { ResourceTable } from "@belgenet/ui/table";
import { Button } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import css from "./shared/List.module.css";
import { useAction } from "./shared/useAction";
import { useList } from "./shared/useList";

const TONE = { dead: "bad", pending: "wait", done: "good" } as const;

/** Background work that failed too often, with a way to start it again. */
export function TasksPage() {
  const t = useT();
  const list = useList<DeadLetterOut>({
    ...listDeadLettersInfiniteOptions({ query: { limit: 50 } }),
    refetchInterval: 10_000,
  });
  const retry = useAction({
    run: (id: string) => retryDeadLetter({ path: { letter_id: id } }),
    stale: ["listDeadLetters", "getDashboard"],
    done: () => t("admin.tasks.retried"),
  });
  const retryAll = useAction({
    run: () => retryDeadLetters({ body: { limit: 500 } }),
    stale: ["listDeadLetters", "getDashboard"],
    done: ({ data }) => t("admin.tasks.retriedMany", { count: data.retried }),
  });
  const all = list.rows?.some((row) => row.state === "dead") ? (
    <Button variant="default" loading={retryAll.isPending} onClick={() => retryAll.mutate()}>
      {t("admin.tasks.retryAll")}
    </Button>
  ) : null;
  return (
    <Page title={t("admin.nav.tasks")} width="wide">
      <PageHeader title={t("admin.nav.tasks")} intro={t("admin.tasks.intro")} actions={all} />
      <ResourceTable
        label={t("admin.nav.tasks")}
        {...list}
        empty={
          <EmptyState icon={<IconCircleCheck size={26} stroke={1.6} />} title={t("admin.tasks.empty")} />
        }
        columns={[
          {
            accessor: "consumer",
            title: t("admin.tasks.name"),
            render: (row) => (
              <>
                <strong>{row.consumer}</strong>
                <span className={css.sub}>
                  {row.topic} · {row.queue}
                </span>
              </>
            ),
          },
          {
            accessor: "error",
            title: t("admin.tasks.error"),
            render: (row) => <span style={{ overflowWrap: "anywhere" }}>{row.error}</span>,
          },
          { accessor: "attempts", title: t("admin.tasks.attempts"), textAlign: "right" },
          {
            accessor: "created_at",
            title: t("admin.list.created"),
            render: (row) => <DateTime value={row.created_at} />,
          },
          {
            accessor: "state",
            title: t("admin.list.status"),
            render: (row) => (
              <StatusBadge tone={TONE[row.state]}>{t(`admin.tasks.state.${row.state}`)}</StatusBadge>
            ),
          },
          {
            accessor: "id",
            title: t("admin.list.actions"),
            textAlign: "right",
            render: (row) =>
              row.state === "dead" ? (
                <Button
                  size="xs"
                  variant="default"
                  loading={retry.isPending && retry.variables === row.id}
                  onClick={() => retry.mutate(row.id)}
                >
                  {t("admin.tasks.retry")}
                </Button>
              ) : null,
          },
        ]}
      />
    </Page>
  );
}
