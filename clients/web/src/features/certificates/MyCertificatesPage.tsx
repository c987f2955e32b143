import { useT } from "@belgenet/i18n";
import {
  DateTime,
  EmptyState,
  ErrorState,
  Page,
  PageHeader,
  RowsSkeleton,
  StatusBadge,
  type Tone,
} from "@belgenet/ui";
import { Button } from "@mantine/core";
import { IconCertificate } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import css from "@/shared/List.module.css";
import { paging } from "@/shared/paging";
import { myCertificatesQuery } from "./api";
import { DownloadButton } from "./DownloadButton";
import { certificateTone, kindKey } from "./labels";
import { RetryButton } from "./RetryButton";

export function MyCertificatesPage() {
  const t = useT();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    ...myCertificatesQuery({ query: { limit: 20 } }),
    ...paging,
    // A certificate that is being made shows up by itself.
    refetchInterval: (query) =>
      query.state.data?.pages.some((p) =>
        p.items.some((c) => certificateTone(c.status) === ("wait" satisfies Tone)),
      )
        ? 3_000
        : false,
  });
  const items = data?.pages.flatMap((page) => page.items);
  return (
    <Page title={t("certificates.mine.title")}>
      <PageHeader title={t("certificates.mine.title")} intro={t("certificates.mine.intro")} />
      {items?.length === 0 ? (
        <EmptyState
          icon={<IconCertificate size={26} stroke={1.6} />}
          title={t("certificates.mine.empty")}
          action={
            <Button component={Link} to="/">
              {t("orders.mine.start")}
            </Button>
          }
        >
          {t("certificates.mine.emptyText")}
        </EmptyState>
      ) : null}
      {items ? (
        <ul className={css.list}>
          {items.map((c) => (
            <li key={c.id} className={css.row}>
              <div className={css.what}>
                <strong>{c.title || t(kindKey(c.kind))}</strong>
                <span>
                  {c.recipient} · {c.code}
                  {c.issued_on ? (
                    <>
                      {" "}
                      · <DateTime value={c.issued_on} kind="date" />
                    </>
                  ) : null}
                </span>
              </div>
              <StatusBadge tone={certificateTone(c.status)}>
                {t(`certificates.status.${c.status.toLowerCase()}` as "certificates.status.ready")}
              </StatusBadge>
              {certificateTone(c.status) === "good" ? (
                <div className={css.actions}>
                  <DownloadButton id={c.id} code={c.code} size="sm" variant="light" />
                  <Button component={Link} to={`/verify/${c.code}`} size="sm" variant="default">
                    {t("certificates.verifyLink")}
                  </Button>
                </div>
              ) : null}
              {c.status === "FAILED" && c.order_id ? (
                <div className={css.actions}>
                  <RetryButton order={c.order_id} lists={["listMyCertificates"]} size="sm" variant="light" />
                </div>
              ) : null}
            </li>
          ))}
        </ul>
      ) : error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <RowsSkeleton />
      )}
      {hasNextPage ? (
        <Button variant="default" mt="lg" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t("common.more")}
        </Button>
      ) : null}
    </Page>
  );
}
