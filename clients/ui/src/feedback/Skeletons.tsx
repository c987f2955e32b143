import { useT } from "@belgenet/i18n";
import { Skeleton, Stack } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import css from "./Skeletons.module.css";

/** Shows nothing for the first 150 ms: a fast answer must not flash. */
export function Waiting({ children }: { children: ReactNode }) {
  const t = useT();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setShown(true), 150);
    return () => window.clearTimeout(timer);
  }, []);
  return (
    <div aria-busy="true" role="status">
      <span className="bn-visually-hidden">{t("common.loading")}</span>
      {shown ? <div aria-hidden>{children}</div> : null}
    </div>
  );
}

export function CardsSkeleton({ count = 3 }: { count?: number }) {
  return (
    <Waiting>
      <div className={css.cards}>
        {Array.from({ length: count }, (_, i) => (
          <Stack key={String(i)} gap="sm">
            <Skeleton height={190} radius="lg" />
            <Skeleton height={18} width="70%" />
            <Skeleton height={12} />
            <Skeleton height={12} width="45%" />
          </Stack>
        ))}
      </div>
    </Waiting>
  );
}

export function PageSkeleton({ lines = 6 }: { lines?: number }) {
  return (
    <Waiting>
      <Stack gap="md" className={css.page}>
        <Skeleton height={38} width="55%" />
        <Skeleton height={14} width="80%" />
        {Array.from({ length: lines }, (_, i) => (
          <Skeleton key={String(i)} height={64} radius="md" />
        ))}
      </Stack>
    </Waiting>
  );
}

export function RowsSkeleton({ rows = 5 }: { rows?: number }) {
  return (
    <Waiting>
      <Stack gap="sm">
        {Array.from({ length: rows }, (_, i) => (
          <Skeleton key={String(i)} height={76} radius="lg" />
        ))}
      </Stack>
    </Waiting>
  );
}
