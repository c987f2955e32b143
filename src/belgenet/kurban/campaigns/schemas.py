from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from belgenet.core.i18n import LOCALES
from belgenet.core.money import MoneyIn, MoneyOut
from belgenet.core.web.schema import Id, In, Out, Patch, ShortText, Slug, Timestamp
from belgenet.kurban.campaigns.interfaces import StockLevel
from belgenet.kurban.campaigns.models import Campaign, CampaignOption
from belgenet.kurban.consents.schemas import ConsentTextOut

Kind = Literal["vacip", "adak", "akika", "sukur", "nafile"]
AnimalClass = Literal["cattle", "small"]
Status = Literal["draft", "published", "closed"]
Texts = dict[Literal["tr", "en"], str]
Body = Annotated[str, Field(max_length=20_000)]
ImageUrl = Annotated[str, Field(max_length=500, pattern=r"^(https://|/)[^\s\"'<>\\]*$")]


class _Translated(In):
    @model_validator(mode="after")
    def _some_language(self) -> "_Translated":
        if all(value is None for _, value in self):
            raise PydanticCustomError("missing", "a text in at least one language")
        return self


class Titles(_Translated):
    """A short text in several languages."""

    tr: ShortText | None = None
    en: ShortText | None = None


class Bodies(_Translated):
    """A long text in several languages."""

    tr: Body | None = None
    en: Body | None = None


Title = ShortText | Titles
"""Plain text is in the language of the request; an object sets the languages it names."""
LongTitle = Body | Bodies


def pick(texts: Mapping[str, str], locale: str) -> str:
    """The text in a language, else in the first there is, else ''."""
    return next((texts[name] for name in (locale, *LOCALES) if texts.get(name)), "")


class CampaignIn(In):
    """A new campaign. Without a slug one is made from the title."""

    title: Title
    slug: Slug | None = None
    summary: LongTitle = ""
    description: LongTitle = ""
    kind: Kind = "vacip"
    region: Title | None = None
    slaughter_date: date
    closes_at: AwareDatetime
    image_url: ImageUrl | None = None


class CampaignPatch(Patch):
    """Changed fields. ``status``: a campaign is published when it has an option for sale and a vekâlet text."""

    nullable: ClassVar[frozenset[str]] = frozenset({"image_url"})

    title: Title | None = None
    slug: Slug | None = None
    summary: LongTitle | None = None
    description: LongTitle | None = None
    kind: Kind | None = None
    region: Title | None = None
    slaughter_date: date | None = None
    closes_at: AwareDatetime | None = None
    status: Status | None = None
    image_url: ImageUrl | None = None


class OptionIn(In):
    """A new option: a share of a cattle, or a whole small animal."""

    title: Title
    animal_class: AnimalClass
    price: MoneyIn
    position: int = Field(default=0, ge=0, le=1000)


class OptionPatch(Patch):
    """Changed fields. A price counts for orders placed from now on."""

    title: Title | None = None
    price: MoneyIn | None = None
    active: bool | None = None
    position: int | None = Field(default=None, ge=0, le=1000)


class OptionOut(Out):
    """What a donor can choose; ``available`` shares are free now."""

    id: Id
    title: str
    animal_class: AnimalClass
    shares_per_animal: int
    price: MoneyOut
    available: int

    @classmethod
    def of(cls, row: CampaignOption, locale: str, available: int) -> "OptionOut":
        """In a language."""
        return cls(**_option_fields(row, locale), available=available)


class AdminOptionOut(OptionOut):
    """An option with its stock."""

    translations: dict[str, Texts]
    animals: int
    sold: int
    active: bool
    position: int
    version: int

    @classmethod
    def of_level(cls, row: CampaignOption, locale: str, level: StockLevel) -> "AdminOptionOut":
        """In a language, with its stock."""
        return cls(
            **_option_fields(row, locale),
            available=level.free,
            animals=level.animals,
            sold=level.sold,
            translations={"title": row.title},
            active=row.active,
            position=row.position,
            version=row.version,
        )


class CampaignCard(Out):
    """A campaign in a list, in the reader's language."""

    id: Id
    slug: str
    title: str
    summary: str
    region: str
    slaughter_date: date
    closes_at: Timestamp
    image_url: str | None
    from_price: MoneyOut | None

    @classmethod
    def of(cls, row: Campaign, locale: str, from_price: MoneyOut | None) -> "CampaignCard":
        """In a language."""
        return cls(**_campaign_fields(row, locale), from_price=from_price)


class CampaignDetail(CampaignCard):
    """A campaign with its options and the vekâlet text a donor of this language accepts."""

    description: str
    kind: Kind
    open: bool
    options: list[OptionOut]
    consent_text: ConsentTextOut | None


class AdminCampaignOut(CampaignCard):
    """A campaign as the panel shows it; ``translations`` holds every language of every text."""

    description: str
    kind: Kind
    status: Status
    options: list[AdminOptionOut]
    sold_shares: int
    total_shares: int
    translations: dict[str, Texts]
    version: int


def _option_fields(row: CampaignOption, locale: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": pick(row.title, locale),
        "animal_class": row.animal_class,
        "shares_per_animal": row.shares_per_animal,
        "price": MoneyOut.of(row.price_minor, row.currency),
    }


def _campaign_fields(row: Campaign, locale: str) -> dict[str, Any]:
    texts = {name: pick(getattr(row, name), locale) for name in ("title", "summary", "region")}
    plain = {name: getattr(row, name) for name in ("id", "slug", "slaughter_date", "closes_at", "image_url")}
    return {**texts, **plain}
