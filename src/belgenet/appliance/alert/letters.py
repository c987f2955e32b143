from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from belgenet.appliance.alert.memory import Seen, Step
from belgenet.appliance.words import Words, words


@dataclass(frozen=True)
class Letter:
    """A mail, not yet sent."""

    subject: str
    text: str

    def message(self, recipient: str, sender: str, domain: str, now: datetime) -> EmailMessage:
        """As it goes out. Programs that answer mails by themselves are told not to."""
        made = EmailMessage()
        made["Subject"], made["To"], made["From"] = self.subject, recipient, sender
        made["Date"] = format_datetime(now)
        made["Message-ID"] = make_msgid(domain=domain)
        made["Auto-Submitted"] = "auto-generated"
        made.set_content(self.text)
        return made


def letters(step: Step, lang: str, domain: str) -> Letter | None:
    """One mail that tells everything of a look; None when there is nothing to tell."""
    if not step:
        return None
    say, ills = words("alert", lang), words("doctor", lang)
    parts: list[str] = []
    for name, group in (("appeared", step.appeared), ("reminded", step.reminded), ("gone", step.gone)):
        if group:
            parts += [say(name), "", *_told(group, ills, gone=name == "gone"), ""]
    parts.append(say("foot", domain=domain))
    first = next(iter((*step.appeared, *step.reminded, *step.gone)))
    kind = "appeared" if step.appeared else "reminded" if step.reminded else "gone"
    more = len(step.appeared) + len(step.reminded) + len(step.gone) - 1
    title = first.finding().told(ills)["title"]
    subject = say(f"subject_{kind}", domain=domain, title=title) + (say("subject_more", number=more) if more else "")
    return Letter(" ".join(subject.split()), "\n".join(parts) + "\n")


def _told(group: Iterable[Seen], ills: Words, *, gone: bool) -> Iterator[str]:
    for seen in group:
        told = seen.finding().told(ills)
        level = ills(f"ui.level_{seen.level}")
        yield f"- {told['title']}" if gone else f"- {level}: {told['title']}"
        if not gone:
            yield f"  {ills('ui.cause_label')}: {told['cause']}"
            yield f"  {ills('ui.cure_label')}: {told['cure']}"
            yield f"  {ills('ui.page', path=told['page'], section=seen.code)}"
