import { newKey } from "@belgenet/api";
import { timesMoney, useLocale, useT } from "@belgenet/i18n";
import { FormError, useFormat } from "@belgenet/ui";
import { Alert, Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import { useAuth } from "@/app/AuthContext";
import { useProviders } from "@/app/TenantContext";
import { ProviderChoice } from "@/features/orders/ProviderChoice";
import { SandboxNotice } from "@/features/orders/SandboxNotice";
import { leaveTo } from "@/shared/leave";
import { type CampaignOption, payOrder, placeOrder, SHARE } from "../api";
import css from "./Review.module.css";
import { StepFrame } from "./StepFrame";
import type { StepProps } from "./types";

/** Everything once more, then the payment page of the provider. */
export function ReviewStep({ campaign, draft, patch, go, option }: StepProps & { option: CampaignOption }) {
  const t = useT();
  const format = useFormat();
  const locale = useLocale();
  const providers = useProviders();
  const { account } = useAuth();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const provider = providers.find((p) => p === draft.provider) ?? providers[0] ?? null;

  const pay = useMutation({
    mutationFn: async () => {
      if (!provider) return;
      const { data: order } = await placeOrder({
        headers: { "Idempotency-Key": draft.orderKey },
        body: {
          locale,
          lines: [
            {
              kind: SHARE,
              ref: option.id,
              quantity: draft.quantity,
              details: { participants: draft.participants, consent: { ...draft.accepted, accepted: true } },
            },
          ],
        },
      });
      // From here on the order exists: whatever happens, its own page is the place to go on.
      try {
        const { data } = await payOrder({
          path: { order_id: order.id },
          headers: { "Idempotency-Key": newKey() },
          body: { provider },
        });
        leaveTo(data.redirect_url);
      } catch {
        await navigate(`/orders/${order.id}`);
      }
    },
    onError: () => void queries.invalidateQueries({ queryKey: [{ _id: "getCampaign" }] }),
  });

  const total = timesMoney(option.price, draft.quantity);
  return (
    <StepFrame
      title={t("giving.review.title")}
      intro={t("giving.review.intro")}
      onBack={() => go("contact")}
      busy={pay.isPending || pay.isSuccess}
      disabled={!provider}
      submit={t("giving.review.pay", { amount: format.money(total) })}
      onSubmit={(event) => {
        event.preventDefault();
        pay.mutate();
      }}
    >
      <div className={css.sections}>
        <FormError error={pay.error} />
        <Section title={t("giving.review.names")} onChange={() => go("names")}>
          <ol className={css.people}>
            {draft.participants.map((p, i) => (
              <li key={`${i}-${p.full_name}`}>
                <strong>{p.full_name}</strong>
                <span>
                  {[t(`giving.kind.${p.intention}` as "giving.kind.vacip"), p.relation]
                    .filter(Boolean)
                    .join(" · ")}
                </span>
              </li>
            ))}
          </ol>
        </Section>
        <Section title={t("giving.review.consent")} onChange={() => go("consent")}>
          {t("giving.review.consentGiven", { version: campaign.consent_text?.version })}
        </Section>
        <Section title={t("giving.review.contact")} onChange={() => go("contact")}>
          {account?.full_name}
          <br />
          {account?.email}
          {account?.phone ? (
            <>
              <br />
              {account.phone}
            </>
          ) : null}
        </Section>
        {provider ? (
          <ProviderChoice providers={providers} value={provider} onChange={(p) => patch({ provider: p })} />
        ) : (
          <Alert color="yellow" title={t("giving.review.noProvider")} />
        )}
        <SandboxNotice />
        <p className={css.note}>{t("giving.review.hold")}</p>
      </div>
    </StepFrame>
  );
}

function Section({
  title,
  onChange,
  children,
}: {
  title: string;
  onChange: () => void;
  children: ReactNode;
}) {
  const t = useT();
  return (
    <section className={css.section}>
      <div>
        <h2>{title}</h2>
        <div>{children}</div>
      </div>
      <Button
        variant="subtle"
        size="compact-md"
        onClick={onChange}
        aria-label={`${title}: ${t("giving.review.change")}`}
      >
        {t("giving.review.change")}
      </Button>
    </section>
  );
}
