import { useT } from "@belgenet/i18n";
import { Page } from "@belgenet/ui";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Navigate, useParams, useSearchParams } from "react-router";
import { useAuth } from "@/app/AuthContext";
import { NotYet } from "@/shared/NotYet";
import { type CampaignDetail, campaignQuery } from "./api";
import { CheckoutLayout } from "./checkout/CheckoutLayout";
import { ChooseStep } from "./checkout/ChooseStep";
import { ConsentStep } from "./checkout/ConsentStep";
import { ContactStep } from "./checkout/ContactStep";
import { furthestStep, STEPS, type Step, useDraft } from "./checkout/draft";
import { NamesStep } from "./checkout/NamesStep";
import { ReviewStep } from "./checkout/ReviewStep";
import { isClosed } from "./closed";

/** Five steps from share to payment; the step is part of the address, so Back works. */
export function CheckoutPage() {
  const { slug = "" } = useParams();
  const { data, error, refetch } = useQuery(campaignQuery({ path: { campaign: slug } }));
  if (data && isClosed(data)) return <Navigate to={`/campaigns/${slug}`} replace />;
  if (data) return <Checkout campaign={data} />;
  return <NotYet error={error} onRetry={() => void refetch()} />;
}

function Checkout({ campaign }: { campaign: CampaignDetail }) {
  const t = useT();
  const { status } = useAuth();
  const [params, setParams] = useSearchParams();
  const [draft, patch] = useDraft(campaign.slug);
  const wanted = params.get("option");
  useEffect(() => {
    if (wanted && wanted !== draft.optionId && campaign.options.some((o) => o.id === wanted))
      patch({ optionId: wanted, quantity: 1 });
  }, [wanted, draft.optionId, campaign.options, patch]);

  const limit = furthestStep(draft, campaign.consent_text?.sha256, status === "member");
  const asked = (STEPS as readonly string[]).includes(params.get("step") ?? "")
    ? (params.get("step") as Step)
    : "choose";
  const step = STEPS[Math.min(STEPS.indexOf(asked), STEPS.indexOf(limit))] ?? "choose";
  const go = (next: Step) => {
    setParams({ step: next });
    window.scrollTo(0, 0);
  };
  const option = campaign.options.find((o) => o.id === draft.optionId) ?? null;
  const common = { campaign, draft, patch, go };
  return (
    <Page title={`${t(`giving.checkout.step.${step}`)} – ${campaign.title}`}>
      <CheckoutLayout campaign={campaign} option={option} draft={draft} step={step} limit={limit} go={go}>
        {step === "choose" ? <ChooseStep {...common} /> : null}
        {step === "names" && option ? <NamesStep {...common} option={option} /> : null}
        {step === "consent" ? <ConsentStep {...common} /> : null}
        {step === "contact" ? <ContactStep onDone={() => go("review")} onBack={() => go("consent")} /> : null}
        {step === "review" && option ? <ReviewStep {...common} option={option} /> : null}
      </CheckoutLayout>
    </Page>
  );
}
