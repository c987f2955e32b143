import type { CardOut, DashboardOut } from "@belgenet/api";
import { getDashboardOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { ErrorState, Money, Page, PageHeader, PageSkeleton, Surface, useFormat } from "@belgenet/ui";
import { Title } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { useAuth } from "@/app/AuthContext";
import { Activity } from "./Activity";
import css from "./Dashboard.module.css";
import { Sparkline } from "./Sparkline";
import shared from "./shared/List.module.css";

/** Figures of the last days, what waits for a person, and who did what. */
export function DashboardPage() {
  const t = useT();
  const { account } = useAuth();
  const { data, error, refetch } = useQuery({
    ...getDashboardOptions({ query: { days: 30 } }),
    refetchInterval: 60_000,
  });
  if (!data)
    return error ? (
      <Page width="wide">
        <ErrorState error={error} heading={1} onRetry={() => void refetch()} />
      </Page>
    ) : (
      <PageSkeleton />
    );
  return (
    <Page title={t("admin.nav.dashboard")} width="wide">
      <PageHeader
        title={t("admin.dashboard.hello", { name: account?.full_name.split(" ")[0] })}
        intro={t("admin.dashboard.intro")}
      />
      <div className={shared.grid}>
        <Attention items={data.attention} />
        <div className={css.cards}>
          {data.cards.map((card) => (
            <Figure key={card.key} card={card} />
          ))}
        </div>
        {data.activity.length > 0 ? (
          <Surface as="section" aria-label={t("admin.dashboard.activity")}>
            <Title order={2} size="h4" mb="md">
              {t("admin.dashboard.activity")}
            </Title>
            <Activity rows={data.activity} />
          </Surface>
        ) : null}
      </div>
    </Page>
  );
}

function Attention({ items }: { items: DashboardOut["attention"] }) {
  const t = useT();
  const open = items.filter((item) => item.count > 0);
  if (open.length === 0) return <p className={css.calm}>{t("admin.dashboard.calm")}</p>;
  return (
    <ul className={css.attention} aria-label={t("admin.dashboard.attention")}>
      {open.map((item) => (
        <li key={item.kind}>
          <Link to={panelPath(item.link)}>
            <strong className="bn-numbers">{item.count}</strong> {item.title}{" "}
            <IconArrowRight size={17} aria-hidden />
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Figure({ card }: { card: CardOut }) {
  const t = useT();
  const format = useFormat();
  const change = card.change_percent;
  return (
    <Surface as="article" className={css.figure}>
      <h2>{card.title}</h2>
      <strong className={css.value}>
        {card.money ? <Money value={card.money} /> : format.number(card.value ?? 0)}
      </strong>
      <span className={css.change}>
        {change === null || change === undefined
          ? t("admin.dashboard.noChange")
          : t("admin.dashboard.change", {
              change: `${change > 0 ? "+" : ""}${format.percent(Math.round(change))}`,
            })}
      </span>
      <Sparkline
        values={card.series.map((point) => (point.money ? Number(point.money.amount) : (point.value ?? 0)))}
      />
    </Surface>
  );
}

/** The server names the panel's page; anything else stays on the dashboard. */
function panelPath(link: string): string {
  if (link.startsWith("/admin")) return link;
  return link.startsWith("/") ? `/admin${link}` : "/admin";
}
