import re
from typing import Annotated, Any, ClassVar, Literal

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from belgenet.accounts.services.password_rules import MAX_LENGTH, MIN_LENGTH
from belgenet.core.security import Permission, Role
from belgenet.core.web.pagination import PageQuery
from belgenet.core.web.schema import Id, In, Out, Patch, PersonName, Timestamp

MAX_EMAIL = 254
Client = Literal["web", "native"]
Locale = Literal["tr", "en"]


def normalise_email(value: str) -> str:
    """Lower case, domain in IDNA form (``ç.example`` -> ``xn--...``), so that one mailbox is one text.

    :raises PydanticCustomError: ``email``.
    """
    try:
        found = validate_email(value, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise PydanticCustomError("email", "not an e-mail address") from None
    return (found.ascii_email or found.normalized).lower()


def normalise_phone(value: str) -> str:
    """E.164. Without a country code it is a Turkish number: ``0532 123 45 67`` -> ``+905321234567``.

    :raises PydanticCustomError: ``phone``.
    """
    plain = re.sub(r"[\s().-]", "", value)
    plain = re.sub(r"^00", "+", plain)
    if national := re.fullmatch(r"0?([2-9][0-9]{9})", plain):
        plain = f"+90{national[1]}"
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", plain, re.ASCII):
        raise PydanticCustomError("phone", "not a phone number")
    return plain


Email = Annotated[str, Field(min_length=3, max_length=MAX_EMAIL), AfterValidator(normalise_email)]
Phone = Annotated[str, Field(max_length=40), AfterValidator(normalise_phone)]
NewPassword = Annotated[str, Field(min_length=MIN_LENGTH, max_length=MAX_LENGTH)]
GivenPassword = Annotated[str, Field(min_length=1, max_length=1000)]
Secret = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_-]+$")]


class PasswordIn(In):
    """Base of bodies with a password: its blanks belong to it."""

    model_config = ConfigDict(str_strip_whitespace=False)


class RegisterIn(PasswordIn):
    """A new account."""

    email: Email
    password: NewPassword
    full_name: PersonName
    phone: Phone | None = None
    locale: Locale | None = None

    @model_validator(mode="before")
    @classmethod
    def _strip(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {
            key: value.strip() if isinstance(value, str) and key != "password" else value for key, value in data.items()
        }


class LoginIn(PasswordIn):
    """Signing in. ``client``: ``web`` keeps the refresh token in a cookie, ``native`` gets it in the answer."""

    email: Annotated[str, Field(min_length=1, max_length=1000)]
    password: GivenPassword
    client: Client = "web"


class GuestIn(In):
    """Somebody who wants to order without an account."""

    full_name: PersonName
    email: Email
    phone: Phone | None = None
    locale: Locale | None = None
    client: Client = "web"


class VerifyIn(PasswordIn):
    """The secret of the link mailed on registration, and the password chosen with it."""

    token: Secret
    password: GivenPassword


class RefreshIn(In):
    """Native clients send their token; browsers an empty body, their token is in the cookie."""

    refresh_token: Secret | None = None

    @model_validator(mode="before")
    @classmethod
    def _nothing(cls, data: Any) -> Any:
        return {} if data is None else data


class ForgotIn(In):
    """Whose password was forgotten."""

    email: Email


class ResetIn(PasswordIn):
    """A new password, by a mailed link."""

    token: Secret
    password: NewPassword


class InvitationIn(PasswordIn):
    """Who an administrator of the platform is, and the password, by the link of the invitation."""

    token: Secret
    full_name: PersonName
    password: NewPassword


class PasswordChangeIn(PasswordIn):
    """A new password, by the old one."""

    current_password: GivenPassword
    new_password: NewPassword


class AccountOut(Out):
    """A person in this tenant, as they see themselves."""

    id: Id
    email: str
    full_name: str
    phone: str | None
    locale: str
    is_guest: bool
    email_verified: bool
    roles: list[Role]
    permissions: list[Permission]


class SessionOut(Out):
    """A session: send ``access_token`` as ``Authorization: Bearer``; it is good for ``expires_in`` seconds."""

    access_token: str
    expires_in: int
    account: AccountOut
    refresh_token: str | None = None


class MePatch(Patch):
    """Changed parts of one's own account; ``phone: null`` removes it."""

    nullable: ClassVar[frozenset[str]] = frozenset({"phone"})

    full_name: PersonName | None = None
    phone: Phone | None = None
    locale: Locale | None = None


class DeviceOut(Out):
    """One of one's own sessions."""

    id: Id
    created_at: Timestamp
    last_used_at: Timestamp
    device: str
    address: str | None
    current: bool


class UsersQuery(PageQuery):
    """Filters of the user list."""

    q: str | None = Field(default=None, max_length=200)
    role: Role | None = None
    guests: bool = False


class UserOut(Out):
    """A member of the tenant, as its administrator sees them."""

    id: Id
    email: str
    full_name: str
    phone: str | None
    locale: str
    roles: list[Role]
    is_guest: bool
    email_verified: bool
    disabled: bool
    created_at: Timestamp
    last_sign_in_at: Timestamp | None
    version: int


class UserPatch(Patch):
    """Changed parts of a member."""

    roles: Annotated[list[Role], Field(min_length=1, max_length=len(Role), strict=False)] | None = None
    full_name: PersonName | None = None
    disabled: bool | None = None
