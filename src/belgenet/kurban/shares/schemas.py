from typing import Annotated, ClassVar, Literal

from pydantic import Field

from belgenet.core.web.schema import Id, In, Out, Patch, PersonName, ShortText
from belgenet.kurban.campaigns.schemas import AnimalClass, Kind

AnimalState = Literal["planned", "purchased", "ready", "slaughtered"]
MAX_SHARES = 100
"""Most shares one order line can have."""


class ParticipantIn(In):
    """On whose behalf a share is given, and with which intention (niyet)."""

    full_name: PersonName
    intention: Kind
    relation: Annotated[str, Field(max_length=80, pattern=r"^[^\x00-\x1f<>]*$")] | None = None


class ConsentIn(In):
    """That the giver read this text and accepts it."""

    text_id: Id
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    accepted: bool


class ShareDetails(In):
    """``details`` of an order line of kind ``kurban_share``: one participant for each share."""

    participants: list[ParticipantIn] = Field(min_length=1, max_length=MAX_SHARES)
    consent: ConsentIn


class AnimalsIn(In):
    """How many animals to add to an option's stock."""

    count: int = Field(ge=1, le=500)


class AnimalPatch(Patch):
    """Changed fields."""

    nullable: ClassVar[frozenset[str]] = frozenset({"ear_tag"})

    ear_tag: ShortText | None = None
    state: AnimalState | None = None


class ShareOut(Out):
    """A share and who holds it."""

    number: int
    state: Literal["free", "held", "sold", "refunded", "withdrawn"]
    holder: str | None
    participant: str | None
    intention: str | None
    order_id: Id | None


class AnimalOut(Out):
    """An animal with its shares. ``tag`` is its code in the campaign, ``ear_tag`` what hangs on the animal."""

    id: Id
    tag: str
    ear_tag: str | None
    state: AnimalState
    option_id: Id
    option_title: str
    animal_class: AnimalClass
    shares: list[ShareOut]


class AnimalsAdded(Out):
    """What was added, and the option's stock now."""

    added: int
    animals: int
    available: int
