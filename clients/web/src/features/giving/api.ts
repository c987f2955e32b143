export type {
  CampaignCard,
  CampaignDetail,
  CampaignOption,
  ConsentText,
  Order,
  Participant,
} from "@belgenet/api";
export { createOrder, startPayment } from "@belgenet/api";
export {
  getCampaignOptions as campaignQuery,
  listCampaignsOptions as campaignsQuery,
} from "@belgenet/api/query";

/** Line kind under which the server sells shares. */
export const SHARE = "kurban_share";

/** Intentions a share may carry; the campaign's own kind comes first. */
export const INTENTIONS = ["vacip", "adak", "akika", "sukur", "nafile"] as const;
export type Intention = (typeof INTENTIONS)[number];

export const asIntention = (kind: string): Intention =>
  (INTENTIONS as readonly string[]).includes(kind) ? (kind as Intention) : "vacip";
