import { ErrorState, Page, PageSkeleton } from "@belgenet/ui";
import { NotFound } from "@/app/NotFoundPage";
import { isMissing } from "./errors";

interface Props {
  error: unknown;
  onRetry: () => void;
  width?: "narrow" | "wide";
}

/** What a page shows while what it is about is not there: skeleton, "no such page", or what went wrong. */
export function NotYet({ error, onRetry, width }: Props) {
  if (!error) return <PageSkeleton />;
  if (isMissing(error)) return <NotFound />;
  return (
    <Page width={width}>
      <ErrorState error={error} heading={1} onRetry={onRetry} />
    </Page>
  );
}
