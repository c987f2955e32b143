"""The request as our code sees it. Pyramid is untyped; this is where types begin."""

import re
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from pyramid.request import Request as PyramidRequest

from belgenet.core.db.ids import uuid7

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from belgenet.core.security.identity import Identity
    from belgenet.core.traversal import TenantInfo
    from belgenet.settings import Settings

T = TypeVar("T")
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class Request(PyramidRequest):
    """A web request, or the request-like surroundings of a task.

    ``tenant`` is set by the traversal root (or the task runner), ``validated`` by the operation's validator.
    """

    if TYPE_CHECKING:
        db: Session
        tenant: TenantInfo
        identity: Identity | None
        context: Any
        validated: dict[str, Any]
        id: str
        tm: Any

    @property
    def settings(self) -> "Settings":
        """The installation's settings."""
        settings: Settings = self.registry.settings["belgenet"]
        return settings

    @property
    def who(self) -> "Identity":
        """The identity of a request whose permission already demanded one."""
        identity = self.identity
        if identity is None:
            raise RuntimeError("an operation without a permission asked who is there")
        return identity

    def service(self, interface: type[T]) -> T:
        """The registered implementation of an interface, made once per request. (``find_service`` builds a container with an
        adapter registry for each request first.)
        """
        made: dict[type, Any] = self.__dict__.setdefault("services_made", {})
        if interface not in made:
            made[interface] = self.find_service_factory(interface)(None, self)
        found: T = made[interface]
        return found

    @property
    def client_addr(self) -> str | None:
        """The peer's address, after the server has put a trusted proxy's word for it there. WebOb would believe any
        ``X-Forwarded-For``, and consents and sign-in limits rest on this.
        """
        address: str | None = self.environ.get("REMOTE_ADDR")
        return address

    @property
    def site_url(self) -> str:
        """Address of this tenant's site: scheme and port are the installation's, never what a ``Host`` header made of them,
        because it goes into mails, payment pages and signed documents.
        """
        app = self.settings.app
        port = f":{app.public_port}" if app.public_port else ""
        return f"{app.public_scheme}://{self.domain.lower()}{port}"

    def make_body_seekable(self) -> None:
        """Before the first attempt of a request. Our server has the body in memory or in a temporary file that can be rewound and
        that it closes itself; WebOb, not knowing that, would copy everything over 10 KB into another file and never close it.
        """
        source = self.body_file_raw
        if callable(getattr(source, "seekable", None)) and source.seekable():
            self.is_body_seekable = True
        super().make_body_seekable()

    def url_for_client(self, path: str) -> str:
        """Absolute address of a page of the web client on this tenant's host."""
        return f"{self.site_url}{path}"

    def commit_and_continue(self) -> None:
        """Make what was written so far durable and go on in a new transaction. Only for use cases that a crash or a retry may
        enter again half-way: before a call to a payment provider, for one.
        """
        self.tm.commit()
        self.tm.begin()


def bind_request_id(request: Any) -> str:
    """``X-Request-ID`` of the proxy when it is sane, else a new id; part of every log line and problem."""
    given = request.headers.get("X-Request-ID", "")
    request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid7())
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id


def includeme(config: Any) -> None:
    config.set_request_factory(Request)
    config.add_request_method(bind_request_id, "id", reify=True)
