import { lazy } from "react";
import { PlatformDoor } from "@/features/platform/PlatformDoor";
import { useSite } from "./TenantContext";

const CampaignsPage = lazy(async () => ({
  default: (await import("@/features/giving/CampaignsPage")).CampaignsPage,
}));
const CataloguePage = lazy(async () => ({
  default: (await import("@/features/academy/CataloguePage")).CataloguePage,
}));

/** The first page depends on who lives at this address. */
export function HomePage() {
  const { tenant } = useSite();
  if (!tenant) return <PlatformDoor />;
  return tenant.kind === "academy" ? <CataloguePage /> : <CampaignsPage />;
}
