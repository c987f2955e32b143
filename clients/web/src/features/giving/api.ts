export type { CampaignCard, CampaignDetail, OptionOut as CampaignOption } from "@belgenet/api";
export { payOrder, placeOrder } from "@belgenet/api";
export {
  getCampaignOptions as campaignQuery,
  listCampaignsOptions as campaignsQuery,
} from "@belgenet/api/query";

/** On whose behalf one share is, as the order line carries it. */
export interface Participant {
  full_name: string;
  intention: string;
  relation?: string | null;
}

/** Line kind under which the server sells shares. */
export const SHARE = "kurban_share";

/** Intentions a share may carry; the campaign's own kind comes first. */
export const INTENTIONS = ["vacip", "adak", "akika", "sukur", "nafile"] as const;
export type Intention = (typeof INTENTIONS)[number];

export const asIntention = (kind: string): Intention =>
  (INTENTIONS as readonly string[]).includes(kind) ? (kind as Intention) : "vacip";
