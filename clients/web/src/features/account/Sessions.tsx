import { deleteMySession } from "@belgenet/api";
import { getMySessionsOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { ConfirmModal, DateTime, ErrorState, RowsSkeleton, StatusBadge, Surface } from "@belgenet/ui";
import { notifyProblem } from "@belgenet/ui/notify";
import { Button, Group, Text, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useAuth } from "@/app/AuthContext";
import css from "@/shared/List.module.css";

/** Devices on which the person is signed in. */
export function Sessions() {
  const t = useT();
  const { signOut } = useAuth();
  const [asking, setAsking] = useState(false);
  const { data, error, refetch } = useQuery(getMySessionsOptions());
  const end = useMutation({
    mutationFn: (id: string) => deleteMySession({ path: { session_id: id } }),
    onSuccess: () => void refetch(),
    onError: (problem) => notifyProblem(problem, t("common.error.faultText"), t("common.close")),
  });
  const all = useMutation({ mutationFn: () => signOut(true) });
  return (
    <Surface as="section" aria-labelledby="sessions">
      <Group justify="space-between" align="flex-start" mb="md">
        <div style={{ flex: "1 1 16rem" }}>
          <Title order={2} size="h3" id="sessions">
            {t("account.sessions")}
          </Title>
          <Text c="dimmed">{t("account.sessionsHint")}</Text>
        </div>
        <Button variant="default" onClick={() => setAsking(true)}>
          {t("account.everywhere")}
        </Button>
      </Group>
      {data ? (
        <ul className={css.list}>
          {data.items.map((session) => (
            <li key={session.id} className={css.row}>
              <div className={css.what}>
                <strong>{session.device || t("account.unknownDevice")}</strong>
                <span>
                  {t("account.lastUsed")}: <DateTime value={session.last_used_at} />
                  {session.address ? ` · ${session.address}` : ""}
                </span>
              </div>
              {session.current ? (
                <StatusBadge tone="good">{t("account.thisDevice")}</StatusBadge>
              ) : (
                <Button
                  size="sm"
                  variant="subtle"
                  color="red"
                  loading={end.isPending && end.variables === session.id}
                  onClick={() => end.mutate(session.id)}
                >
                  {t("account.endSession")}
                </Button>
              )}
            </li>
          ))}
        </ul>
      ) : error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <RowsSkeleton rows={2} />
      )}
      <ConfirmModal
        opened={asking}
        onClose={() => setAsking(false)}
        title={t("account.everywhereTitle")}
        text={t("account.everywhereText")}
        confirm={t("account.everywhere")}
        busy={all.isPending}
        error={all.error}
        onConfirm={() => all.mutate()}
      />
    </Surface>
  );
}
