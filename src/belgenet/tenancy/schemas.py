from typing import Annotated, ClassVar, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from belgenet.core.web.schema import Id, In, Out, Patch, ShortText, Slug


def _known_zone(value: str) -> str:
    if value not in available_timezones():
        raise PydanticCustomError("time_zone", "unknown time zone")
    return value


TimeZone = Annotated[str, Field(max_length=64), AfterValidator(_known_zone)]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
HttpsUrl = Annotated[str, Field(max_length=500, pattern=r"^(https://|/)[^\s\"'<>\\]*$")]
Provider = Literal["iyzico", "stripe"]


class Branding(Out):
    """How the tenant looks."""

    primary_color: str = "#0b7285"
    logo_url: str | None = None
    tagline: dict[str, str] = Field(default_factory=dict)


class TenantOut(Out):
    """A tenant as its visitors see it."""

    id: Id
    slug: str
    name: str
    kind: Literal["academy", "charity"]
    locale: str
    currency: str
    time_zone: str
    branding: Branding


class SiteOut(Out):
    """What a client needs before anybody signs in. ``platform``: this is the institution's own console, not a tenant."""

    tenant: TenantOut | None
    platform: bool = False
    providers: list[Provider] = Field(default_factory=list)
    sandbox: bool = False
    api_version: str


class BrandingPatch(Patch):
    """Changed parts of the branding; the tagline per language."""

    nullable: ClassVar[frozenset[str]] = frozenset({"logo_url"})

    primary_color: Colour | None = None
    logo_url: HttpsUrl | None = None
    tagline: dict[Literal["tr", "en"], ShortText] | None = None


class SitePatch(Patch):
    """Changed parts of the tenant's settings."""

    name: ShortText | None = None
    locale: Literal["tr", "en"] | None = None
    time_zone: TimeZone | None = None
    branding: BrandingPatch | None = None
    providers: list[Provider] | None = None


class AdminSiteOut(SiteOut):
    """The tenant's settings for its administrator."""

    version: int
    domain: str | None
    providers_available: list[Provider]


_TAKEN = frozenset({"files", "www"})
"""Names under the base domain that an installation uses itself."""


def _free_slug(value: str) -> str:
    if value in _TAKEN:
        raise PydanticCustomError("slug_reserved", "this name is used by the installation itself")
    return value


class TenantIn(In):
    """A new tenant."""

    slug: Annotated[Slug, AfterValidator(_free_slug)]
    name: ShortText
    kind: Literal["academy", "charity"]
    locale: Literal["tr", "en"] = "tr"
    currency: str = Field(default="TRY", pattern=r"^[A-Z]{3}$")
    time_zone: TimeZone = "Europe/Istanbul"
    domain: str | None = Field(default=None, max_length=253, pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")


class PlatformTenantOut(TenantOut):
    """A tenant as the platform lists it."""

    domain: str | None
    suspended: bool
