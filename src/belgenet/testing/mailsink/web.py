"""The mail reader: a list, one mail as HTML or text, its attachments, and the same as JSON for tools."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.response import Response

from belgenet.testing.mailsink.mailbox import StoredMail, read_mail, read_mails

_WORDS = {
    "tr": {
        "title": "Gelen e-postalar",
        "empty": "Henüz e-posta yok.",
        "explain": "Bu kutu yalnızca deneme içindir: hiçbir e-posta dışarı çıkmaz, hepsi burada kalır.",
        "from": "Kimden",
        "to": "Kime",
        "date": "Tarih",
        "subject": "Konu",
        "attachments": "Ekler",
        "text": "Düz metin",
        "back": "Tüm e-postalar",
    },
    "en": {
        "title": "Received e-mails",
        "empty": "No e-mail yet.",
        "explain": "This box is for trying things out: no e-mail leaves the system, all of it stays here.",
        "from": "From",
        "to": "To",
        "date": "Date",
        "subject": "Subject",
        "attachments": "Attachments",
        "text": "Plain text",
        "back": "All e-mails",
    },
}
_FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: http: https:; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
_templates = Environment(loader=PackageLoader("belgenet.testing.mailsink"), autoescape=select_autoescape())


def mail_reader(folder: Path) -> Callable[..., Any]:
    """Return the WSGI application that shows the mails in `folder`."""
    config = Configurator(settings={"mails": folder})
    for name, path, view in (
        ("list", "/", _list),
        ("json", "/mails.json", _json),
        ("mail", "/mails/{id}", _mail),
        ("html", "/mails/{id}/html", _html),
        ("attachment", "/mails/{id}/attachments/{number:\\d+}", _attachment),
        ("health", "/health", _health),
    ):
        config.add_route(name, path)
        config.add_view(view, route_name=name, request_method="GET")
    application: Callable[..., Any] = config.make_wsgi_app()
    return application


def _render(request: Request, template: str, **values: object) -> Response:
    language = request.accept_language.lookup(("tr", "en"), default="tr")
    page = _templates.get_template(template).render(words=_WORDS[language], language=language, **values)
    return Response(page, content_type="text/html", charset="utf-8")


def _mails(request: Request) -> list[StoredMail]:
    return read_mails(request.registry.settings["mails"])[::-1]


def _one(request: Request) -> StoredMail:
    mail = read_mail(request.registry.settings["mails"], request.matchdict["id"])
    if mail is None:
        raise HTTPNotFound
    return mail


def _list(request: Request) -> Response:
    return _render(request, "mails.html", mails=_mails(request))


def _mail(request: Request) -> Response:
    mail = _one(request)
    return _render(request, "mail.html", mail=mail, html=bool(mail.body("html")), text=mail.body("plain"))


def _html(request: Request) -> Response:
    page = '<base target="_blank">' + _one(request).body("html")
    response = Response(page, content_type="text/html", charset="utf-8")
    response.headers["Content-Security-Policy"] = _FRAME_POLICY
    return response


def _attachment(request: Request) -> Response:
    number, found = int(request.matchdict["number"]), _one(request).attachments()
    if number >= len(found):
        raise HTTPNotFound
    file = found[number]
    response = Response(file.content, content_type="application/octet-stream")
    if file.content_type == "application/pdf":
        response.content_type = file.content_type
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _json(request: Request) -> Response:
    return Response(json_body=[_as_json(mail) for mail in _mails(request)])


def _as_json(mail: StoredMail) -> dict[str, object]:
    return {
        "id": mail.id,
        "from": mail.sender,
        "to": mail.recipients,
        "subject": mail.subject,
        "date": mail.date,
        "text": mail.body("plain"),
        "html": mail.body("html"),
        "attachments": [
            {"filename": file.filename, "content_type": file.content_type, "size": len(file.content)}
            for file in mail.attachments()
        ],
    }


def _health(_request: Request) -> Response:
    return Response(json_body={"status": "ok"})
