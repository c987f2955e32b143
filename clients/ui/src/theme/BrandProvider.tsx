import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useMemo } from "react";
import { cssVariables, makeTheme } from "./theme";

/** Notices are shown after the first screen at the earliest, so their code is not part of it. */
const Notifications = lazy(async () => ({ default: (await import("@mantine/notifications")).Notifications }));

const scheme = localStorageColorSchemeManager({ key: "bn-scheme" });

/** Theme, dialogs and notices for everything below. `primary` is the tenant's colour. */
export function BrandProvider({
  primary,
  env,
  children,
}: {
  primary?: string;
  env?: "test";
  children: ReactNode;
}) {
  const theme = useMemo(() => makeTheme(primary), [primary]);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      colorSchemeManager={scheme}
      defaultColorScheme="auto"
      env={env}
    >
      <Suspense>
        <Notifications position="bottom-right" limit={3} />
      </Suspense>
      {children}
    </MantineProvider>
  );
}
