import { newKey } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { ConfirmModal, FormError } from "@belgenet/ui";
import { Button, Group, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { useProviders, useSite } from "@/app/TenantContext";
import { leaveTo } from "@/shared/leave";
import { cancelOrder, type Order, orderQuery, payOrder, syncOrder } from "./api";
import type { OrderView } from "./orderView";
import { ProviderChoice } from "./ProviderChoice";
import { SandboxNotice } from "./SandboxNotice";

/** What can be done about the order now: pay (again), ask the provider, cancel, start over. */
export function OrderActions({ order, view }: { order: Order; view: OrderView }) {
  const t = useT();
  const { tenant } = useSite();
  const providers = useProviders();
  const queries = useQueryClient();
  const [provider, setProvider] = useState(providers[0] ?? null);
  const [asking, setAsking] = useState(false);
  const key = orderQuery({ path: { order_id: order.id } }).queryKey;
  const take = ({ data }: { data: Order }) => queries.setQueryData(key, data);

  const pay = useMutation({
    mutationFn: async () => {
      if (!provider) return;
      const started = await payOrder({
        path: { order_id: order.id },
        headers: { "Idempotency-Key": newKey() },
        body: { provider },
      });
      leaveTo(started.data.redirect_url);
    },
    onError: () => void queries.invalidateQueries({ queryKey: key }),
  });
  const check = useMutation({
    mutationFn: () => syncOrder({ path: { order_id: order.id } }),
    onSuccess: take,
  });
  const cancel = useMutation({
    mutationFn: () => cancelOrder({ path: { order_id: order.id }, body: {} }),
    onSuccess: (result) => {
      take(result);
      setAsking(false);
    },
  });
  const over = view.headline === "expired" || view.headline === "canceled";
  const course = tenant?.kind === "academy" && view.headline === "coursePaid";
  if (!view.canPay && !over && !course && view.headline !== "unknown") return null;
  return (
    <Stack gap="md">
      <FormError error={pay.error ?? check.error} />
      {view.canPay && provider && providers.length > 1 ? (
        <ProviderChoice providers={providers} value={provider} onChange={setProvider} />
      ) : null}
      {view.canPay ? <SandboxNotice /> : null}
      <Group gap="sm">
        {view.canPay && provider ? (
          <Button loading={pay.isPending || pay.isSuccess} onClick={() => pay.mutate()}>
            {view.headline === "failed" ? t("orders.page.retry") : t("orders.page.pay")}
          </Button>
        ) : null}
        {view.headline === "unknown" || (view.canPay && order.payments.length > 0) ? (
          <Button variant="default" loading={check.isPending} onClick={() => check.mutate()}>
            {t("orders.page.check")}
          </Button>
        ) : null}
        {view.canCancel ? (
          <Button variant="subtle" color="red" onClick={() => setAsking(true)}>
            {t("orders.page.cancel")}
          </Button>
        ) : null}
        {over ? (
          <Button component={Link} to="/">
            {t("orders.page.again")}
          </Button>
        ) : null}
        {course ? (
          <Button component={Link} to="/me/courses">
            {t("orders.page.toLearn")}
          </Button>
        ) : null}
      </Group>
      <ConfirmModal
        opened={asking}
        onClose={() => setAsking(false)}
        title={t("orders.page.cancelTitle")}
        text={t("orders.page.cancelText")}
        confirm={t("orders.page.cancel")}
        dismiss={t("orders.page.keep")}
        danger
        busy={cancel.isPending}
        error={cancel.error}
        onConfirm={() => cancel.mutate()}
      />
    </Stack>
  );
}
