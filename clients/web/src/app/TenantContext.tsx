import type { PaymentIn, SiteOut as Site, TenantOut as TenantInfo } from "@belgenet/api";
import { getSiteOptions } from "@belgenet/api/query";
import { BrandProvider, ErrorState, SiteNameProvider, TimeZoneProvider, Waiting } from "@belgenet/ui";
import { Center, Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, use } from "react";

const Context = createContext<Site | null>(null);

/** What the server says about the address in the location bar. */
export function useSite(): Site {
  const site = use(Context);
  if (!site) throw new Error("useSite outside TenantProvider");
  return site;
}

export type Provider = PaymentIn["provider"];

/** Payment providers the institution has switched on. */
export const useProviders = (): Provider[] => useSite().providers ?? [];

/** The institution of this address. Only for pages that exist on an institution's address. */
export function useTenant(): TenantInfo {
  const { tenant } = useSite();
  if (!tenant) throw new Error("no institution at this address");
  return tenant;
}

/** Loads the site once and dresses everything below in its colour, zone and name. */
export function TenantProvider({ env, children }: { env?: "test"; children: ReactNode }) {
  const { data, error, refetch } = useQuery({ ...getSiteOptions(), staleTime: 5 * 60_000 });
  return (
    <BrandProvider primary={data?.tenant?.branding.primary_color} env={env}>
      {data ? (
        <Context value={data}>
          <TimeZoneProvider value={data.tenant?.time_zone}>
            <SiteNameProvider value={data.tenant?.name ?? "BelgeNet"}>{children}</SiteNameProvider>
          </TimeZoneProvider>
        </Context>
      ) : error ? (
        <main>
          <ErrorState error={error} heading={1} onRetry={() => void refetch()} />
        </main>
      ) : (
        <Waiting>
          <Center h="60vh">
            <Loader type="dots" />
          </Center>
        </Waiting>
      )}
    </BrandProvider>
  );
}
