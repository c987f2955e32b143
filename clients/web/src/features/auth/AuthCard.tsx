import { Page, PageHeader, Surface } from "@belgenet/ui";
import type { ReactNode } from "react";

/** Frame of the sign-in family: one narrow card. */
export function AuthCard({
  title,
  intro,
  children,
  below,
}: {
  title: string;
  intro?: string;
  children: ReactNode;
  below?: ReactNode;
}) {
  return (
    <Page title={title} width="narrow">
      <PageHeader title={title} intro={intro} />
      <Surface>{children}</Surface>
      {below ? <div style={{ marginTop: "1.25rem", textAlign: "center" }}>{below}</div> : null}
    </Page>
  );
}
