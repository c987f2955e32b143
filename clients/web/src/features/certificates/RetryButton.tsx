import { newKey } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { notifyDone, notifyProblem } from "@belgenet/ui/notify";
import { Button, type ButtonProps } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { requestCertificate } from "./api";

/** Asks again for the certificate of an order that could not be made; owners have to wait between two tries. */
export function RetryButton({ order, lists, ...rest }: { order: string; lists: string[] } & ButtonProps) {
  const t = useT();
  const queries = useQueryClient();
  const retry = useMutation({
    mutationFn: () =>
      requestCertificate({ path: { certificate_id: order }, headers: { "Idempotency-Key": newKey() } }),
    onSuccess: async ({ data }) => {
      await Promise.all(
        lists.map((id) => queries.invalidateQueries({ queryKey: [{ _id: id }] as QueryKey })),
      );
      const waits = data.status === "FAILED";
      notifyDone(t(waits ? "certificates.retryTooSoon" : "certificates.retryQueued"), t("common.close"));
    },
    onError: (error) => notifyProblem(error, t("common.error.faultText"), t("common.close")),
  });
  return (
    <Button
      leftSection={<IconRefresh size={19} stroke={1.8} />}
      loading={retry.isPending}
      onClick={() => retry.mutate()}
      {...rest}
    >
      {t("certificates.retry")}
    </Button>
  );
}
