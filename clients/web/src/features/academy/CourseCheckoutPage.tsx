import { newKey } from "@belgenet/api";
import { isZero, useLocale, useT } from "@belgenet/i18n";
import { Cover, FormError, Money, Page, PageHeader, Surface, useFormat } from "@belgenet/ui";
import { Alert, Button, Stack, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Navigate, useNavigate, useParams } from "react-router";
import { useAuth } from "@/app/AuthContext";
import { useProviders } from "@/app/TenantContext";
import { LazyContact } from "@/features/auth/LazyContact";
import { ProviderChoice } from "@/features/orders/ProviderChoice";
import { SandboxNotice } from "@/features/orders/SandboxNotice";
import { leaveTo } from "@/shared/leave";
import { NotYet } from "@/shared/NotYet";
import { COURSE, type CourseDetail, courseQuery, payOrder, placeOrder } from "./api";
import css from "./CourseCheckout.module.css";
import { CourseMeta } from "./CourseMeta";

/** Buying a course: who you are, then the payment page. */
export function CourseCheckoutPage() {
  const t = useT();
  const { slug = "" } = useParams();
  const { data, error, refetch } = useQuery(courseQuery({ path: { course: slug } }));
  if (data?.enrollment_id) return <Navigate to={`/learn/${data.enrollment_id}`} replace />;
  if (!data) return <NotYet error={error} onRetry={() => void refetch()} />;
  return (
    <Page title={`${t("academy.checkout.title")} – ${data.title}`}>
      <PageHeader title={t("academy.checkout.title")} />
      <div className={css.layout}>
        <Steps course={data} />
        <Surface as="aside" flush className={css.summary} aria-label={t("giving.checkout.summary")}>
          <Cover src={data.image_url} seed={data.slug} ratio="2.2 / 1" />
          <div className={css.summaryBody}>
            <strong>{data.title}</strong>
            <CourseMeta lessons={data.lesson_count} minutes={data.duration_minutes} />
            <div className={css.total}>
              <span>{t("giving.checkout.total")}</span>
              <strong>
                <Money value={data.price} />
              </strong>
            </div>
          </div>
        </Surface>
      </div>
    </Page>
  );
}

function Steps({ course }: { course: CourseDetail }) {
  const t = useT();
  const { account } = useAuth();
  const [confirmed, setConfirmed] = useState(false);
  if (account && confirmed) return <Pay course={course} onBack={() => setConfirmed(false)} />;
  return (
    <section>
      <Title order={2}>{t("academy.checkout.contact")}</Title>
      <p className={css.lead}>{t("academy.checkout.contactIntro")}</p>
      <LazyContact onDone={() => setConfirmed(true)} />
    </section>
  );
}

function Pay({ course, onBack }: { course: CourseDetail; onBack: () => void }) {
  const t = useT();
  const format = useFormat();
  const locale = useLocale();
  const navigate = useNavigate();
  const providers = useProviders();
  const [provider, setProvider] = useState(providers[0] ?? null);
  const [key] = useState(newKey);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const free = isZero(course.price);
  const pay = useMutation({
    mutationFn: async () => {
      const { data: order } = await placeOrder({
        headers: { "Idempotency-Key": key },
        body: { locale, lines: [{ kind: COURSE, ref: course.id, quantity: 1, details: {} }] },
      });
      if (order.status !== "pending" || !provider) return void (await navigate(`/orders/${order.id}`));
      try {
        leaveTo(
          (
            await payOrder({
              path: { order_id: order.id },
              headers: { "Idempotency-Key": newKey() },
              body: { provider },
            })
          ).data.redirect_url,
        );
      } catch {
        await navigate(`/orders/${order.id}`);
      }
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        pay.mutate();
      }}
    >
      <Title order={2} ref={heading} tabIndex={-1}>
        {t("academy.checkout.pay")}
      </Title>
      <p className={css.lead}>{t("giving.review.intro")}</p>
      <Stack gap="lg" mt="lg">
        <FormError error={pay.error} />
        {free ? null : provider ? (
          <ProviderChoice providers={providers} value={provider} onChange={setProvider} />
        ) : (
          <Alert color="yellow" title={t("giving.review.noProvider")} />
        )}
        {free ? null : <SandboxNotice />}
        <div className={css.actions}>
          <Button variant="default" onClick={onBack}>
            {t("common.back")}
          </Button>
          <Button type="submit" loading={pay.isPending || pay.isSuccess} disabled={!free && !provider}>
            {free
              ? t("academy.course.enrol")
              : t("giving.review.pay", { amount: format.money(course.price) })}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
