import { dismissWebhook, type WebhookOut } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { ConfirmModal, DateTime } from "@belgenet/ui";
import { Button, Textarea } from "@mantine/core";
import { useState } from "react";
import css from "../shared/List.module.css";
import { useAction } from "../shared/useAction";
import own from "./Orders.module.css";

/** Not told by the provider, but found in its books at night. */
const FROM_BOOKS = "reconcile.payment";

/** Notifications with the provider's number to look for in its own panel; dismissing one needs a reason. */
export function WebhookList({ webhooks }: { webhooks: WebhookOut[] }) {
  const t = useT();
  const [open, setOpen] = useState<WebhookOut | null>(null);
  const [reason, setReason] = useState("");
  const dismiss = useAction({
    run: () => dismissWebhook({ path: { webhook_id: open?.id ?? "" }, body: { reason: reason.trim() } }),
    stale: ["listWebhooks", "getDashboard"],
    done: () => t("admin.webhooks.done"),
    after: () => setOpen(null),
    quiet: true,
  });
  return (
    <>
      <ul className={own.events}>
        {webhooks.map((webhook) => (
          <li key={webhook.id} className={css.head} style={{ margin: 0 }}>
            <div>
              <strong>
                {webhook.provider} ·{" "}
                {webhook.event_type === FROM_BOOKS ? t("admin.webhooks.fromBooks") : webhook.event_type}
              </strong>
              <span className={css.sub}>
                <DateTime value={webhook.received_at} />
                {webhook.provider_ref ? ` · ${t("admin.order.providerRef")}: ${webhook.provider_ref}` : ""}
                {webhook.reason ? ` · ${webhook.reason}` : ""}
              </span>
            </div>
            {webhook.state === "unmatched" ? (
              <Button
                size="xs"
                variant="default"
                onClick={() => {
                  setReason("");
                  setOpen(webhook);
                }}
              >
                {t("admin.webhooks.dismiss")}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      <ConfirmModal
        opened={open !== null}
        title={t("admin.webhooks.dismissTitle")}
        text={t("admin.webhooks.dismissText")}
        confirm={t("admin.webhooks.dismiss")}
        busy={dismiss.isPending}
        error={dismiss.error}
        disabled={reason.trim() === ""}
        onConfirm={() => dismiss.mutate()}
        onClose={() => setOpen(null)}
      >
        <Textarea
          label={t("admin.order.refundReason")}
          required
          maxLength={200}
          autosize
          minRows={2}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </ConfirmModal>
    </>
  );
}
