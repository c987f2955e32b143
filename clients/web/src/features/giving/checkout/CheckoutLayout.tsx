import { timesMoney, useT } from "@belgenet/i18n";
import { Facts, Money, Surface, useFormat } from "@belgenet/ui";
import { IconCheck } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef } from "react";
import { Link } from "react-router";
import type { CampaignDetail, CampaignOption } from "../api";
import css from "./Checkout.module.css";
import { type Draft, STEPS, type Step } from "./draft";

interface Props {
  campaign: CampaignDetail;
  option: CampaignOption | null;
  draft: Draft;
  step: Step;
  limit: Step;
  go: (step: Step) => void;
  children: ReactNode;
}

/** Steps on top, the current one on the left, what is being ordered on the right. */
export function CheckoutLayout({ campaign, option, draft, step, limit, go, children }: Props) {
  const t = useT();
  const box = useRef<HTMLDivElement>(null);
  const first = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: focus moves whenever the step changes
  useEffect(() => {
    if (first.current) first.current = false;
    else box.current?.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  }, [step]);
  const at = STEPS.indexOf(step);
  const open = STEPS.indexOf(limit);
  return (
    <div ref={box}>
      <nav aria-label={t("giving.checkout.steps")} className={css.steps}>
        <span className={css.stepOf}>{t("giving.checkout.stepOf", { n: at + 1, total: STEPS.length })}</span>
        <ol>
          {STEPS.map((name, i) => (
            <li key={name} data-state={i < at ? "done" : i === at ? "now" : "later"}>
              <button
                type="button"
                disabled={i > open}
                aria-current={i === at ? "step" : undefined}
                onClick={() => go(name)}
              >
                <span className={css.dot} aria-hidden>
                  {i < at ? <IconCheck size={15} stroke={2.6} /> : i + 1}
                </span>
                <span className={css.stepName}>{t(`giving.checkout.step.${name}`)}</span>
              </button>
            </li>
          ))}
        </ol>
      </nav>
      <div className={css.layout}>
        <div className={css.main}>{children}</div>
        <Summary campaign={campaign} option={option} draft={draft} />
      </div>
    </div>
  );
}

function Summary({
  campaign,
  option,
  draft,
}: {
  campaign: CampaignDetail;
  option: CampaignOption | null;
  draft: Draft;
}) {
  const t = useT();
  const format = useFormat();
  return (
    <Surface as="aside" tone="sunken" className={css.summary} aria-label={t("giving.checkout.summary")}>
      <Link to={`/campaigns/${campaign.slug}`} className={css.campaign}>
        {campaign.title}
      </Link>
      <Facts
        items={[
          { label: t("giving.campaign.region"), value: campaign.region },
          { label: t("giving.campaign.date"), value: format.date(campaign.slaughter_date) },
          option && {
            label: option.title,
            value: t(option.animal_class === "cattle" ? "giving.choose.seat" : "giving.choose.animal", {
              count: draft.quantity,
            }),
          },
        ]}
      />
      {option ? (
        <div className={css.total} aria-live="polite">
          <span>{t("giving.checkout.total")}</span>
          <strong>
            <Money value={timesMoney(option.price, draft.quantity)} />
          </strong>
        </div>
      ) : null}
    </Surface>
  );
}
