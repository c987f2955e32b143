"""The demo's foundation."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import select

from belgenet.core.db import utcnow
from belgenet.core.money import MoneyIn
from belgenet.kurban.campaigns import services as campaigns
from belgenet.kurban.campaigns.models import Campaign
from belgenet.kurban.campaigns.schemas import Bodies, CampaignIn, CampaignPatch, Kind, OptionIn, Titles
from belgenet.kurban.consents import services as consents
from belgenet.kurban.consents.schemas import ConsentTextIn, Locale
from belgenet.kurban.shares.services import animals
from belgenet.tenancy.schemas import BrandingPatch, SitePatch
from belgenet.tenancy.services import change_site
from belgenet.testing.demo.data import vekalet

FEASTS = (date(2027, 5, 16), date(2028, 5, 5), date(2029, 4, 24), date(2030, 4, 13), date(2031, 4, 2))
"""First days of the feast of sacrifice (10 Zilhicce), as computed by the Umm al-Qura calendar."""

CATTLE = Titles(tr="Büyükbaş hissesi (1/7)", en="Share of a cattle (1/7)")
SMALL = Titles(tr="Küçükbaş (koyun)", en="Small animal (sheep)")


@dataclass(frozen=True)
class CampaignText:
    """A campaign; prices in Turkish liras."""

    slug: str
    kind: Kind
    title: Titles
    summary: Bodies
    description: Bodies
    region: Titles
    slaughter_date: date
    options: tuple[tuple[Literal["cattle", "small"], str, int], ...]
    """(animal class, price, number of animals)"""


def fill(request: Any) -> None:
    """Branding, the vekâlet texts, and the campaigns that are not there yet."""
    tagline = {
        "tr": "Kurbanınız emin ellerde, belgesi elinizde.",
        "en": "Your qurban in safe hands, its proof in yours.",
    }
    change_site(request.db, SitePatch(branding=BrandingPatch(primary_color="#0f766e", tagline=tagline)))  # type: ignore[arg-type]
    current = consents.current_texts(request.db)
    languages: tuple[Locale, ...] = ("tr", "en")
    for locale in languages:
        if locale not in current:
            words = ConsentTextIn(locale=locale, title=vekalet.TITLE[locale], body=vekalet.BODY[locale])
            consents.publish(request.db, words, None)
    for text in campaign_texts(utcnow().date()):
        if request.db.scalar(select(Campaign.id).where(Campaign.slug == text.slug)) is None:
            _add_campaign(request, text)


def next_feast(today: date) -> date:
    """The first feast that leaves a month for orders; two months from now when the table ends."""
    return next((day for day in FEASTS if day > today + timedelta(days=30)), today + timedelta(days=60))


def campaign_texts(today: date) -> list[CampaignText]:
    """The campaigns, dated from today so that the demo never closes."""
    feast = next_feast(today)
    return [
        CampaignText(
            slug="kurban-bayrami-yurt-ici",
            kind="vacip",
            title=Titles(tr="Kurban Bayramı – Yurt içi", en="Feast of Sacrifice – in Türkiye"),
            summary=Bodies(
                tr="Kurbanınız bayramın birinci günü kesilir, eti bulunduğu ildeki ihtiyaç sahiplerine ulaştırılır.",
                en="Your qurban is slaughtered on the first day of the feast and its meat reaches families in need nearby.",
            ),
            description=Bodies(
                tr=(
                    "Kesimler, veteriner hekim denetiminde ve anlaşmalı kesimhanelerde yapılır. Büyükbaşta her hisse "
                    "kesimden önce "
                    "belirli bir hayvana ayrılır; hissedarların adları kesim sırasında tek tek okunur. Et, ihtiyaç "
                    "sahibi ailelere "
                    "soğuk zincirle dağıtılır. Belgeniz, ödemeniz onaylandıktan kısa süre sonra e-postanıza gelir."
                ),
                en=(
                    "The slaughter takes place in contracted abattoirs under veterinary supervision. Each share of a "
                    "cattle is assigned "
                    "to a particular animal beforehand, and the shareholders' names are read one by one. The meat is "
                    "handed to families "
                    "in need, chilled all the way. Your certificate arrives by e-mail shortly after the payment."
                ),
            ),
            region=Titles(tr="Türkiye – Şanlıurfa, Van, Hatay", en="Türkiye – Şanlıurfa, Van, Hatay"),
            slaughter_date=feast,
            options=(("cattle", "14500.00", 12), ("small", "17500.00", 40)),
        ),
        CampaignText(
            slug="kurban-bayrami-cad",
            kind="vacip",
            title=Titles(tr="Kurban Bayramı – Çad", en="Feast of Sacrifice – Chad"),
            summary=Bodies(
                tr="Yılda bir kez et yiyebilen ailelere bayram sevinci: hisseler Çad'ın kırsal köylerinde dağıtılır.",
                en="A feast for families who eat meat once a year: the shares are distributed in villages of rural Chad.",
            ),
            description=Bodies(
                tr=(
                    "Kesimler, bayramın ilk üç gününde yerel görevlilerimizce yapılır ve kayda alınır. Bedele "
                    "hayvanın alımı, bakımı, "
                    "kesimi ve dağıtımı dâhildir."
                ),
                en=(
                    "The slaughter takes place during the first three days of the feast, carried out and recorded by "
                    "our local team. "
                    "The price covers purchase, care, slaughter and distribution."
                ),
            ),
            region=Titles(tr="Çad – Encemine çevresi", en="Chad – around N'Djamena"),
            slaughter_date=feast,
            options=(("cattle", "5250.00", 12),),
        ),
        CampaignText(
            slug="adak-kurbani",
            kind="adak",
            title=Titles(tr="Adak Kurbanı", en="Vow Qurban"),
            summary=Bodies(
                tr="Adağınız iki hafta içinde kesilir; etinin tamamı ihtiyaç sahiplerine dağıtılır.",
                en="Your vow is fulfilled within two weeks; all of the meat goes to people in need.",
            ),
            description=Bodies(
                tr=(
                    "Adak kurbanının etinden adayan kişi ve bakmakla yükümlü olduğu yakınları yiyemez; bu nedenle "
                    "tamamı dağıtılır. "
                    "Kesim yıl boyunca, her ayın belirli günlerinde yapılır."
                ),
                en=(
                    "Whoever made the vow and their close family may not eat of it, therefore all of it is "
                    "distributed. The slaughter "
                    "takes place all year round, on fixed days of the month."
                ),
            ),
            region=Titles(tr="Türkiye – Konya", en="Türkiye – Konya"),
            slaughter_date=today + timedelta(days=14),
            options=(("small", "13750.00", 40), ("cattle", "11900.00", 12)),
        ),
    ]


def _add_campaign(request: Any, text: CampaignText) -> None:
    body = CampaignIn(
        slug=text.slug,
        kind=text.kind,
        title=text.title,
        summary=text.summary,
        description=text.description,
        region=text.region,
        slaughter_date=text.slaughter_date,
        closes_at=datetime.combine(text.slaughter_date - timedelta(days=1), time(20, 59), UTC),
    )
    campaign = campaigns.create(request.db, body, "tr")
    for position, (animal_class, price, count) in enumerate(text.options):
        title = CATTLE if animal_class == "cattle" else SMALL
        wanted = OptionIn(
            title=title, animal_class=animal_class, price=MoneyIn(amount=price, currency="TRY"), position=position
        )
        animals.add(request.db, campaigns.add_option(request.db, campaign, wanted, "tr"), count)
    campaigns.change(request.db, campaign, CampaignPatch(status="published"), "tr")
