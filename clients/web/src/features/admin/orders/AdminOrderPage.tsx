import { getAdminOrderOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { DateTime, Facts, Page, PageHeader, StatusBadge, Surface } from "@belgenet/ui";
import { Anchor, Button, Title } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { certificateTone } from "@/features/certificates/labels";
import { OrderLines } from "@/features/orders/OrderLines";
import { statusTone } from "@/features/orders/orderView";
import { NotYet } from "@/shared/NotYet";
import css from "../shared/List.module.css";
import { AllocateButton } from "./AllocateButton";
import { EventList, LedgerTable, RefundList } from "./History";
import { PaymentList } from "./PaymentList";
import { RefundDialog } from "./RefundDialog";
import { ReviewList } from "./ReviewList";

export function AdminOrderPage() {
  const t = useT();
  const { id = "" } = useParams();
  const [refunding, setRefunding] = useState(false);
  const { data, error, refetch } = useQuery({
    ...getAdminOrderOptions({ path: { order_id: id } }),
    refetchInterval: 15_000,
  });
  if (!data) return <NotYet error={error} onRetry={() => void refetch()} width="wide" />;
  const { order, customer } = data;
  const refundable = data.payments.some((payment) => Number(payment.refundable.amount) > 0);
  return (
    <Page title={order.number} width="wide">
      <PageHeader
        before={
          <Anchor component={Link} to="/admin/orders" size="sm">
            <IconArrowLeft size={15} aria-hidden /> {t("admin.nav.orders")}
          </Anchor>
        }
        title={order.number}
        intro={
          <StatusBadge size="xl" tone={statusTone(order.status)}>
            {t(`orders.status.${order.status}` as "orders.status.paid")}
          </StatusBadge>
        }
        actions={
          <>
            {order.status === "paid_unallocated" ? <AllocateButton orderId={order.id} /> : null}
            {refundable ? (
              <Button color="red" variant="light" onClick={() => setRefunding(true)}>
                {t("admin.order.refund")}
              </Button>
            ) : null}
          </>
        }
      />
      <div className={`${css.grid} ${css.two}`}>
        <div className={css.grid}>
          {data.reviews.length > 0 ? (
            <Card title={t("admin.order.reviews")}>
              <ReviewList reviews={data.reviews} />
            </Card>
          ) : null}
          <Card title={t("orders.page.lines")}>
            <OrderLines order={order} />
          </Card>
          <Card title={t("admin.order.payments")}>
            <PaymentList payments={data.payments} />
          </Card>
          <Card title={t("admin.order.refunds")}>
            <RefundList refunds={data.refunds} />
          </Card>
          <Card title={t("admin.order.ledger")}>
            <LedgerTable lines={data.ledger} />
          </Card>
        </div>
        <div className={css.grid}>
          <Card title={t("admin.order.customer")}>
            <Facts
              items={[
                { label: t("auth.fullName"), value: customer.full_name },
                { label: t("auth.email"), value: customer.email },
                { label: t("auth.phone"), value: customer.phone },
                { label: t("orders.page.created"), value: <DateTime value={order.created_at} /> },
              ]}
            />
          </Card>
          {order.certificates.length > 0 ? (
            <Card title={t("admin.order.certificates")}>
              {order.certificates.map((c) => (
                <div key={c.id} className={css.head}>
                  <Link to={`/admin/certificates?q=${encodeURIComponent(c.code)}`} className={css.strong}>
                    {c.code}
                  </Link>
                  <StatusBadge tone={certificateTone(c.status)}>
                    {t(`certificates.status.${c.status.toLowerCase()}` as "certificates.status.ready")}
                  </StatusBadge>
                </div>
              ))}
            </Card>
          ) : null}
          <Card title={t("admin.order.events")}>
            <EventList events={data.events} />
          </Card>
        </div>
      </div>
      <RefundDialog data={data} opened={refunding} onClose={() => setRefunding(false)} />
    </Page>
  );
}

function Card({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Surface as="section" aria-label={title}>
      <Title order={2} size="h4" mb="md">
        {title}
      </Title>
      {children}
    </Surface>
  );
}
