import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { AuthProvider } from "./AuthContext";
import { TenantProvider } from "./TenantContext";

/** Everything a page may rely on, for the application and for tests. */
export function Providers({
  client,
  env,
  children,
}: {
  client: QueryClient;
  env?: "test";
  children: ReactNode;
}) {
  return (
    <QueryClientProvider client={client}>
      <AuthProvider>
        <TenantProvider env={env}>{children}</TenantProvider>
      </AuthProvider>
    </QueryClientProvider>
  );
}
