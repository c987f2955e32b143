import type { CampaignDetail } from "../api";
import type { Draft, Step } from "./draft";

/** What every step of the checkout gets. */
export interface StepProps {
  campaign: CampaignDetail;
  draft: Draft;
  patch: (change: Partial<Draft>) => void;
  go: (step: Step) => void;
}
