"""The reader: a list, one mail as HTML or text, its attachments, the SMS, and the same as JSON for tools."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.response import Response

from belgenet.testing.mailsink import phone
from belgenet.testing.mailsink.mailbox import StoredMail, read_mail, read_mails
from belgenet.testing.mailsink.smsbox import StoredSms, read_all_sms

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
        "sms_title": "Gelen SMS'ler",
        "sms_empty": "Henüz SMS yok.",
        "sms_explain": "Hiçbir SMS dışarı çıkmaz. 0501 000 00 80 gibi numaralar sağlayıcının hatalarını denemeye yarar.",
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
        "sms_title": "Received SMS",
        "sms_empty": "No SMS yet.",
        "sms_explain": "No SMS leaves the system. Numbers like 0501 000 00 80 are for trying the provider's errors.",
    },
}
_FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: http: https:; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
_templates = Environment(loader=PackageLoader("belgenet.testing.mailsink"), autoescape=select_autoescape())


def mail_reader(mails: Path, sms: Path) -> Callable[..., Any]:
    """Return the WSGI application that shows the mails and SMS in these folders, and takes SMS."""
    config = Configurator(settings={"mails": mails, "sms": sms})
    for name, path, view in (
        ("list", "/", _list),
        ("json", "/mails.json", _json),
        ("mail", "/mails/{id}", _mail),
        ("html", "/mails/{id}/html", _html),
        ("attachment", "/mails/{id}/attachments/{number:\\d+}", _attachment),
        ("sms", "/sms", _sms),
        ("sms_json", "/sms.json", _sms_json),
        ("health", "/health", _health),
    ):
        config.add_route(name, path)
        config.add_view(view, route_name=name, request_method="GET")
    config.add_route("send_sms", "/sms/rest/v2/send")
    config.add_view(phone.send, route_name="send_sms", request_method="POST")
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
    return _render(request, "mails.html", here="mails", mails=_mails(request))


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


def _sms(request: Request) -> Response:
    return _render(request, "sms.html", here="sms", found=_all_sms(request), at=_at)


def _sms_json(request: Request) -> Response:
    return Response(json_body=[asdict(sms) for sms in _all_sms(request)])


def _all_sms(request: Request) -> list[StoredSms]:
    return read_all_sms(request.registry.settings["sms"])[::-1]


def _at(sms: StoredSms) -> str:
    return datetime.fromtimestamp(sms.at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _health(_request: Request) -> Response:
    return Response(json_body={"status": "ok"})
