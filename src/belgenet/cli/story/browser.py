"""A very small browser: JSON calls with a bearer token, and HTML forms as a person would send them."""

import uuid
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Self
from urllib.parse import urljoin

import httpx

from belgenet.cli.story.steps import StoryFailed


@dataclass
class Form:
    """A form of a page, with the values it would be sent with."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        elif self.found and tag == "input" and given.get("name"):
            self.found[-1].fields[given["name"]] = given.get("value", "")
        elif self.found and tag == "select":
            self._select = given.get("name", "")
        elif (
            self.found
            and tag == "option"
            and self._select
            and ("selected" in given or self._select not in self.found[-1].fields)
        ):
            self.found[-1].fields[self._select] = given.get("value", "")


class Browser:
    """One person's browser at one tenant.

    :param resolve: where the site is, whatever its name says; other names are looked up.
    :param verify: whether a certificate must come from a known authority.
    """

    def __init__(self, address: str, *, resolve: str = "", verify: bool = True) -> None:
        self.address = address.rstrip("/")
        self._host = httpx.URL(self.address).host
        self._resolve = resolve
        self._verify = verify
        self.token: str | None = None
        self._http = httpx.Client(timeout=30, verify=verify, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def stranger(self) -> "Browser":
        """Somebody else's browser at the same site."""
        return Browser(self.address, resolve=self._resolve, verify=self._verify)

    def send(self, method: str, url: str, **options: Any) -> httpx.Response:
        """Send to where the name should lead: ``*.localhost`` is this machine without asking a resolver."""
        asked = httpx.URL(url)
        ours = self._resolve if asked.host == self._host else ""
        target = ours or ("127.0.0.1" if asked.host.endswith("localhost") else "")
        headers = {"Accept-Language": "tr", "User-Agent": "belgenet-story", **options.pop("headers", {})}
        if target:
            headers["Host"] = asked.netloc.decode()
            options["extensions"] = {"sni_hostname": asked.host}
        return self._http.request(method, asked.copy_with(host=target or asked.host), headers=headers, **options)

    def api(self, method: str, path: str, body: Any = None, *, raw: bool = False) -> Any:
        """Call the API; the parsed answer, or its bytes. :raises StoryFailed: a problem came back."""
        headers = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        options = {"json": body} if body is not None else {}
        answer = self.send(method, f"{self.address}/api/v1{path}", headers=headers, **options)
        if answer.is_redirect:
            answer = self.send("GET", answer.headers["Location"])
        if answer.is_error:
            raise StoryFailed(f"{method} {path}: {answer.status_code} {answer.text[:400]}")
        return answer.content if raw else (answer.json() if answer.content else None)

    def submit(self, page: httpx.Response, url: str, values: dict[str, str]) -> tuple[httpx.Response, str]:
        """Fill the page's first form and send it; the answer and its address."""
        parser = _Forms()
        parser.feed(page.text)
        if not parser.found:
            raise StoryFailed(f"{url}: no form in a page that should have one")
        form = parser.found[0]
        target = urljoin(url, form.action)
        fields = {**form.fields, **{name: value for name, value in values.items() if name in form.fields}}
        if form.method == "post":
            return self.send("POST", target, data=fields), target
        return self.send("GET", target, params=fields), target

    def pay(self, page_url: str, card: str) -> str:
        """Pay on the provider's hosted page and come back; the address the payer ends at on our site."""
        page, url = self.send("GET", page_url), page_url
        values = {"holder": "Ayşe Yılmaz", "number": card, "cvc": "123"}
        for _ in range(6):
            if page.is_redirect:
                url = urljoin(url, page.headers["Location"])
                if url.startswith(f"{self.address}/orders/"):
                    return url
                page = self.send("GET", url)
            elif page.is_error:
                raise StoryFailed(f"{url}: {page.status_code} {page.text[:200]}")
            else:
                page, url = self.submit(page, url, values)
        raise StoryFailed(f"{page_url}: never came back")
