"""Every setting, typed, with its default. One class per concern; the key is ``<module>.<field>``.

Secrets are ``SecretStr`` so that neither ``repr`` nor a log shows them.
"""

import ipaddress
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError


def _words(value: object) -> object:
    """Turn the text form ``a, b c`` of ini files and the environment into a tuple."""
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def _readable(value: str) -> str:
    urlsplit(value)
    return value


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
Address = Annotated[str, AfterValidator(_readable)]
"""A URL that can be taken apart; else the key is named here, before checks between modules take it apart."""


class Module(BaseModel):
    """Base of the modules: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class App(Module):
    """What this installation is and where its clients reach it."""

    environment: Literal["production", "development", "test"] = "production"
    base_domain: str = "localhost"
    """Tenants answer at ``<slug>.<base_domain>`` and at domains of their own; the bare domain is the platform's door."""
    public_scheme: Literal["http", "https"] = "https"
    public_port: int | None = None
    default_locale: Literal["tr", "en"] = "tr"
    trusted_proxy: str = "127.0.0.1"
    """The peer whose X-Forwarded-For and X-Forwarded-Proto are believed: the address the reverse proxy connects from."""
    signals_dir: str = ""
    """Folder where a file tells programs of the same server that tenants have changed; empty: nobody is told."""
    max_body_bytes: int = Field(default=2 * 1024 * 1024, ge=1024)
    """Largest JSON or form body, in bytes; uploads have their own limit in ``storage``."""


class Database(Module):
    """PostgreSQL. Web and workers serve tenants as ``url``; the web's door to the platform's console (signing in there, and work on
    tenants) needs ``platform_url`` too. Migrations and relay use roles of their own.
    """

    url: SecretStr
    owner_url: SecretStr | None = None
    platform_url: SecretStr | None = None
    relay_url: SecretStr | None = None
    pool_size: int = Field(default=8, ge=1)
    max_overflow: int = Field(default=4, ge=0)
    pool_timeout_seconds: float = 5
    statement_timeout_ms: int = 15_000
    lock_timeout_ms: int = 5_000


class Cache(Module):
    """Redis for rate limits and caches; it may be wiped at any moment."""

    url: SecretStr = SecretStr("redis://127.0.0.1:6379/0")
    timeout_seconds: float = 0.5


class Tasks(Module):
    """Celery and the outbox relay."""

    broker_url: SecretStr = SecretStr("redis://127.0.0.1:6379/1")
    namespace: str = "belgenet"
    lease_seconds: int = Field(default=90, ge=1)
    """A delivery that nobody finished within this time is sent again."""
    max_attempts: int = Field(default=20, ge=1)
    """Then a delivery is a dead letter. With the waits between them 20 attempts outlast nearly three hours without mail or S3."""
    soft_time_limit_seconds: int = 60
    concurrency: int = Field(default=2, ge=1)
    retention_days: int = Field(default=30, ge=1)
    """Finished deliveries are kept this long for the panel."""
    hold_file: Path | None = None
    """While this file is there, mail and SMS wait; ``belgenet restore`` puts it there and takes it away."""


class Storage(Module):
    """The S3 server that holds every file."""

    endpoint: str = "127.0.0.1:8333"
    public_endpoint: str | None = None
    """``host[:port]`` under which browsers reach the S3 server for presigned requests; default: ``endpoint``."""
    public_secure: bool | None = None
    """Whether browsers reach it by https; default: ``secure``. A reverse proxy may speak https to them and http to the server."""
    access_key: SecretStr = SecretStr("")
    secret_key: SecretStr = SecretStr("")
    bucket: str = "belgenet"
    region: str = "us-east-1"
    secure: bool = False
    max_upload_bytes: int = Field(default=100 * 1024 * 1024, ge=1024)
    presign_seconds: int = Field(default=900, ge=10)
    virtual_hosts: bool = False
    """Whether the bucket is part of the host's name and not of the path; some external providers ask for it."""
    hold_file: str = ""
    """While somebody keeps touching this file nothing is written: the objects are on their way to another S3 server."""

    @property
    def public_url(self) -> str:
        """Where browsers reach the S3 server: ``https://files.example.org``."""
        secure = self.secure if self.public_secure is None else self.public_secure
        return f"{'https' if secure else 'http'}://{self.public_endpoint or self.endpoint}"

    @property
    def browser_origin(self) -> str:
        """Origin of the addresses that are handed to browsers: with virtual hosts, the bucket's own."""
        scheme, _, host = self.public_url.partition("://")
        return f"{scheme}://{self.bucket}.{host}" if self.virtual_hosts else self.public_url


class Files(Module):
    """What people upload."""

    clamd_socket: str = ""
    """Path of clamd's socket; each file is scanned before anybody can read it. Empty: nothing is scanned, and files say so."""


class Mail(Module):
    """SMTP."""

    host: str = "127.0.0.1"
    port: int = 25
    username: str = ""
    password: SecretStr = SecretStr("")
    tls: Literal["none", "starttls", "implicit"] = "none"
    sender: str = "BelgeNet <noreply@localhost>"
    timeout_seconds: float = 15


class Sms(Module):
    """SMS. Without a provider none is sent, and none is kept."""

    provider: Literal["none", "netgsm"] = "none"
    base_url: Address = "https://api.netgsm.com.tr"
    username: str = ""
    password: SecretStr = SecretStr("")
    sender: str = ""
    """Sender title (mesaj başlığı) as it is registered with the provider."""
    timeout_seconds: float = Field(default=15, gt=0, le=50)
    """How long an answer is waited for; shorter than the time after which a message being sent is taken for lost."""


_TEST_KEYS = ("sk_test_", "rk_test_")


class Payments(Module):
    """Payment service providers. A provider without keys is off."""

    iyzico_base_url: Address = "https://api.iyzipay.com"
    iyzico_api_key: SecretStr = SecretStr("")
    iyzico_secret_key: SecretStr = SecretStr("")
    iyzico_identity_number: str = ""
    """``buyer.identityNumber`` when the payer gave none (MASAK makes the field mandatory); agreed with iyzico, never invented."""
    iyzico_buyer_phone: str = "+900000000000"
    iyzico_buyer_address: str = "Dijital teslimat"
    iyzico_buyer_city: str = "İstanbul"
    """What iyzico is told of payers who left these out; it demands all three, also for goods that are not shipped."""
    iyzico_accept_unsigned_webhooks: bool = True
    """V3 signatures are off until iyzico enables them; an unsigned webhook is only a hint to query."""
    stripe_api_base: Address = "https://api.stripe.com"
    stripe_secret_key: SecretStr = SecretStr("")
    stripe_webhook_secret: SecretStr = SecretStr("")
    timeout_seconds: float = 15
    hold_minutes: int = Field(default=35, ge=1)
    """How long an unpaid order keeps its stock; longer than the provider's payment page lives."""
    webhook_retention_days: int = Field(default=180, ge=30)
    """How long notifications that were dealt with are kept; longer than providers repeat and disputes take."""
    reconcile_days: int = Field(default=3, ge=1, le=31)
    """How far back the nightly comparison with the providers' books looks."""
    sandbox: bool = False
    """True when the provider is a test one: the clients say so on every payment page. Needless where address or key shows it."""

    def may_be_tests(self, providers: Collection[str]) -> bool:
        """Whether payments through ``providers`` may be tests: by ``sandbox``, or by the address or key of any of them."""
        return self.sandbox or any(provider in providers for provider, _, _ in self.signs_of_tests())

    def signs_of_tests(self) -> Iterator[tuple[str, str, str]]:
        """What real money does not go with: provider, key, and what about the key's value."""
        for provider, key in (("iyzico", "iyzico_base_url"), ("stripe", "stripe_api_base")):
            parts = urlsplit(getattr(self, key))
            if parts.scheme != "https":
                yield provider, key, "must begin with https://"
            if _is_loopback(parts.hostname or ""):
                yield provider, key, "is this machine, not a payment provider"
            if (parts.hostname or "").startswith("sandbox"):
                yield provider, key, "is the provider's sandbox"
        if self.stripe_secret_key.get_secret_value().startswith(_TEST_KEYS):
            yield "stripe", "stripe_secret_key", "is a test key"


class Security(Module):
    """Keys and lifetimes."""

    jwt_keys: SecretStr = SecretStr("")
    """``kid:base64`` pairs, blank separated; the first signs, all verify. 32 bytes or more each. Web does not start without."""
    master_keys: SecretStr = SecretStr("")
    """``kid:base64`` pairs of 32 byte keys; the first encrypts private keys at rest, all decrypt. Web and workers do not start
    without.
    """
    access_token_seconds: int = Field(default=600, ge=30)
    refresh_token_days: int = Field(default=30, ge=1)
    verification_hours: int = Field(default=48, ge=1)
    reset_minutes: int = Field(default=60, ge=5)
    cookie_secure: bool = True
    argon2_time_cost: int = Field(default=3, ge=1)
    argon2_memory_kib: int = Field(default=65536, ge=8)
    argon2_parallelism: int = Field(default=1, ge=1)
    allowed_origins: Words = ()
    """Origins of native or third-party web clients that may call the API (CORS)."""


class Logging(Module):
    """Structured logs on stderr."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    format: Literal["json", "console"] = "json"


class Observability(Module):
    """Health and metrics."""

    metrics_token: SecretStr = SecretStr("")
    """Bearer token for ``/metrics`` and ``/health/detailed``; empty: loopback peers only."""
    metrics_dir: str = ""
    """Directory where the processes of one server share their metrics, emptied whenever the server starts; empty: each process
    its own.
    """
    disk_folders: Words = ("/", "/var", "/tmp")  # noqa: S108 - looked at, not written to
    """Folders whose filesystems ``/health/detailed`` watches; add those that hold the data of PostgreSQL and the S3 server."""
    disk_free_bytes: int = Field(default=1024**3, ge=0)
    """Less room than this in one of them, or than a tenth of it where that is less, is a failure."""


class Limits(Module):
    """Rate limits, in the notation of the ``limits`` library."""

    enabled: bool = True
    default: str = "600/minute"
    sign_in_per_address: str = "30/minute"
    sign_in_per_account: str = "10/15minute"
    registration: str = "20/hour"
    checkout: str = "60/minute"
    verify: str = "60/minute"
    webhook: str = "1200/minute"
    """Notifications per address: far above what a provider sends, low enough that unsigned rubbish cannot fill the database."""

    @field_validator("*")
    @classmethod
    def _parses(cls, value: object) -> object:
        if isinstance(value, str):
            from limits import parse_many  # noqa: PLC0415 - only the loader pays for the import

            parse_many(value)
        return value


class Settings(Module):
    """All modules, and what they must agree on."""

    app: App = App()
    database: Database
    cache: Cache = Cache()
    tasks: Tasks = Tasks()
    storage: Storage = Storage()
    files: Files = Files()
    mail: Mail = Mail()
    sms: Sms = Sms()
    payments: Payments = Payments()
    security: Security = Security()
    logging: Logging = Logging()
    observability: Observability = Observability()
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _sms_is_whole(self) -> Self:
        """Who chooses a provider says who pays and whose name stands on the messages."""
        if self.sms.provider != "none":
            given = {
                "username": self.sms.username,
                "password": self.sms.password.get_secret_value(),
                "sender": self.sms.sender,
            }
            for name in (name for name, value in given.items() if not value):
                raise PydanticCustomError("missing", "is missing", {"key": f"sms.{name}"})
            if urlsplit(self.sms.base_url).scheme not in {"http", "https"}:
                raise PydanticCustomError("url", "must begin with https://", {"key": "sms.base_url"})
        return self

    @model_validator(mode="after")
    def _real_money(self) -> Self:
        """Where real donors pay, the provider takes real money: no test provider, no sandbox of a real one, no open line. What is
        written to them goes out as well.
        """
        if self.app.environment == "production":
            for key, wrong in (*self._test_providers(), *self._sms_sink()):
                message = f"{wrong}; app.environment is production"
                raise PydanticCustomError("not_for_production", message, {"key": key})
        return self

    def _test_providers(self) -> Iterator[tuple[str, str]]:
        if self.payments.sandbox:
            yield "payments.sandbox", "is for test providers only"
        for _, key, wrong in self.payments.signs_of_tests():
            yield f"payments.{key}", wrong

    def _sms_sink(self) -> Iterator[tuple[str, str]]:
        parts = urlsplit(self.sms.base_url)
        if self.sms.provider == "none":
            return
        if parts.scheme != "https":
            yield "sms.base_url", "must begin with https://"
        if _is_loopback(parts.hostname or ""):
            yield "sms.base_url", "is this machine, not an SMS provider"


def _is_loopback(host: str) -> bool:
    host = host.rstrip(".")
    if host in {"", "localhost"} or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
