import { RowsSkeleton } from "@belgenet/ui";
import { type ComponentProps, lazy, Suspense } from "react";
import type { Contact } from "./Contact";

const Loaded = lazy(async () => ({ default: (await import("./Contact")).Contact }));

/** The contact step's forms in a chunk of their own: choosing shares must not wait for them. */
export function LazyContact(props: ComponentProps<typeof Contact>) {
  return (
    <Suspense fallback={<RowsSkeleton rows={3} />}>
      <Loaded {...props} />
    </Suspense>
  );
}
