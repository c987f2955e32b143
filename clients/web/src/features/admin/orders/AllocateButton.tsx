import { allocateOrder, newKey } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { ConfirmModal } from "@belgenet/ui";
import { Button } from "@mantine/core";
import { useState } from "react";
import { useAction } from "../shared/useAction";

/** Hands out a paid order for which nothing was left. Each opening of the question is one try. */
export function AllocateButton({ orderId }: { orderId: string }) {
  const t = useT();
  const [key, setKey] = useState<string | null>(null);
  return (
    <>
      <Button onClick={() => setKey(newKey())}>{t("admin.order.allocate")}</Button>
      {key ? <Question key={key} orderId={orderId} attempt={key} onClose={() => setKey(null)} /> : null}
    </>
  );
}

function Question({ orderId, attempt, onClose }: { orderId: string; attempt: string; onClose: () => void }) {
  const t = useT();
  const allocate = useAction({
    run: () => allocateOrder({ path: { order_id: orderId }, headers: { "Idempotency-Key": attempt } }),
    stale: ["getAdminOrder", "listOrders", "listPaymentReviews"],
    done: () => t("admin.order.allocated"),
    after: onClose,
    quiet: true,
  });
  return (
    <ConfirmModal
      opened
      title={t("admin.order.allocateTitle")}
      text={t("admin.order.allocateText")}
      confirm={t("admin.order.allocate")}
      busy={allocate.isPending}
      error={allocate.error}
      onConfirm={() => allocate.mutate()}
      onClose={onClose}
    />
  );
}
