import { useT } from "@belgenet/i18n";
import { Cover, useFormat } from "@belgenet/ui";
import { IconArrowRight, IconCalendar, IconMapPin } from "@tabler/icons-react";
import { Link } from "react-router";
import css from "@/shared/Cards.module.css";
import type { CampaignCard } from "./api";

/** One campaign as a card; the whole card is the link. */
export function CampaignCardView({ campaign }: { campaign: CampaignCard }) {
  const t = useT();
  const format = useFormat();
  return (
    <article className={css.card}>
      <Cover src={campaign.image_url} seed={campaign.slug} />
      <div className={css.body}>
        <h3>
          <Link to={`/campaigns/${campaign.slug}`} className={css.cardLink}>
            {campaign.title}
          </Link>
        </h3>
        <p className={css.summary}>{campaign.summary}</p>
        <ul className={css.meta}>
          <li>
            <IconMapPin size={17} stroke={1.6} aria-hidden /> {campaign.region}
          </li>
          <li>
            <IconCalendar size={17} stroke={1.6} aria-hidden /> {format.date(campaign.slaughter_date)}
          </li>
        </ul>
        <div className={css.foot}>
          <strong className="bn-numbers">
            {campaign.from_price ? t("giving.list.from", { price: format.money(campaign.from_price) }) : ""}
          </strong>
          <IconArrowRight size={20} stroke={1.7} aria-hidden />
        </div>
      </div>
    </article>
  );
}
