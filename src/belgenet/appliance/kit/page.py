"""The kit on paper (A4, a page for each language) and as text."""

import textwrap
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from belgenet.appliance.kit.facts import Facts
from belgenet.appliance.words import LANGUAGES, Words, words
from belgenet.core.i18n.dates import long_day

_WIDTH = 100
_STEPS = ("step_server", "step_bring", "step_unpack", "step_restore", "step_look", "step_release")
_COMMANDS = {
    "step_unpack": ("tar xf {medium}/releases/{bundle}.tar", "cd {bundle}"),
    "step_restore": ("sudo ./install.sh --restore-from {medium} --kit -",),
    "step_look": ("sudo belgenet restore status",),
    "step_release": ("sudo belgenet restore release",),
}
MEDIUM = "/mnt/belgenet"
"""Where the page's commands have the disk with the backups."""


def as_text(facts: Facts) -> str:
    """Both languages, for a terminal or a file."""
    return f"\n{'=' * _WIDTH}\n\n".join(_text_in(facts, words("kit", language)) for language in LANGUAGES)


def as_pdf(facts: Facts) -> bytes:
    """An A4 document of one page for each language.

    :raises belgenet.core.pdf.PdfRenderError: it does not come out as that.
    """
    from belgenet.core.pdf import PdfMetadata, PdfRenderError  # noqa: PLC0415 - WeasyPrint is slow to load
    from belgenet.core.pdf.weasy import WeasyPdfRenderer  # noqa: PLC0415

    environment = Environment(
        loader=PackageLoader("belgenet.appliance.kit", "."), autoescape=True, undefined=StrictUndefined
    )
    pages = [_values(facts, words("kit", language)) for language in LANGUAGES]
    html = environment.get_template("kit.html").render(facts=facts, pages=pages)
    css = environment.get_template("kit.css").render()
    made = PdfMetadata(title=f"BelgeNet: {facts.domain}", author="BelgeNet", created=facts.made)
    rendered = WeasyPdfRenderer().render(html, css, {}, made)
    if rendered.pages != len(LANGUAGES):
        raise PdfRenderError(f"{rendered.pages} pages")
    return rendered.data


def _values(facts: Facts, say: Words) -> dict[str, Any]:
    day = long_day(facts.made.date(), say.language)
    return {
        "language": say.language,
        "title": say("title"),
        "intro": say("intro"),
        "keep": say("keep"),
        "facts": [
            (say("label_domain"), facts.domain),
            (say("label_made"), day),
            (say("label_release"), f"{facts.release} ({facts.system_name})"),
            (say("label_folder"), facts.folder),
            (say("label_elsewhere"), ", ".join(facts.elsewhere) or say("nowhere_else")),
        ],
        "key_title": say("key_title"),
        "key_help": say("key_help"),
        "fingerprint": say("fingerprint", fingerprint=facts.fingerprint),
        "steps_title": say("steps_title"),
        "steps": [
            (
                say(step, system=facts.system_name, release=facts.release, bundle=facts.bundle, medium=MEDIUM),
                [line.format(bundle=facts.bundle, medium=MEDIUM) for line in _COMMANDS.get(step, ())],
            )
            for step in _STEPS
        ],
        "trouble": say("trouble"),
        "off_server": say("off_server"),
    }


def _text_in(facts: Facts, say: Words) -> str:
    page = _values(facts, say)
    lines = [page["title"], "", *_wrapped(page["intro"]), "", *_wrapped(page["keep"]), ""]
    widest = max(len(label) for label, _ in page["facts"])
    lines += [f"{label + ':':<{widest + 2}}{value}" for label, value in page["facts"]]
    lines += ["", page["key_title"], ""]
    for row in facts.rows:
        lines += ["    " + "".join(f"{number:^7}" for number, _ in row), "    " + " ".join(f"{g:^6}" for _, g in row)]
    lines += ["", *_wrapped(page["key_help"]), page["fingerprint"], "", page["steps_title"], ""]
    for number, (step, commands) in enumerate(page["steps"], start=1):
        lines += _wrapped(step, f"{number}. ")
        lines += [f"       {command}" for command in commands]
    return "\n".join([*lines, "", *_wrapped(page["trouble"]), *_wrapped(page["off_server"]), ""])


def _wrapped(text: str, lead: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead))
