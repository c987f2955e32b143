import type { CampaignCard } from "./api";

/** Whether orders are no longer taken. The server decides; this spares people a dead end. */
export const isClosed = (campaign: Pick<CampaignCard, "closes_at">, now = Date.now()): boolean =>
  new Date(campaign.closes_at).getTime() <= now;
