import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { type ReactNode, useMemo } from "react";
import { cssVariables, makeTheme } from "./theme";

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
      <Notifications position="bottom-right" limit={3} />
      {children}
    </MantineProvider>
  );
}
