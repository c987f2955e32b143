"""Programs of the server, run for what they answer."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from typing import Final

_CLEAN: Final = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}


SANDBOX: Final = (
    "CapabilityBoundingSet=",
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelLogs=yes",
    "ProtectControlGroups=yes",
    "ProtectClock=yes",
    "ProtectHostname=yes",
    "ProtectProc=invisible",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "RestrictSUIDSGID=yes",
    "RestrictRealtime=yes",
    "RestrictNamespaces=yes",
    "LockPersonality=yes",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "SystemCallFilter=~@privileged",
    # pgBackRest of Debian 12 gives a file to the one whose it is already; without a capability nobody gives anything away.
    "SystemCallFilter=@chown",
    "SystemCallErrorNumber=EPERM",
    "UMask=0077",
)
"""As our services have it, but for memory that is written and executed: PostgreSQL compiles queries while it runs."""


class CommandError(Exception):
    """A program ended with another code than 0, was not there, or took too long.

    :param code: its exit code; None when it never ended by itself.
    :param said: its last lines, for people.
    :param whole: all it said: where one trouble brings others, the reason stands far above the end.
    """

    def __init__(self, program: str, code: int | None, said: str, whole: str = "") -> None:
        super().__init__(f"{program}: {said or f'exit code {code}'}")
        self.program, self.code, self.said, self.whole = program, code, said, whole or said


def run(
    command: Sequence[str],
    *,
    input: str | bytes | None = None,  # noqa: A002 -- as subprocess has it
    timeout: float = 600,
    env: Mapping[str, str] | None = None,
    cwd: str | os.PathLike[str] | None = None,
) -> str:
    """What a program prints, in a clean environment and the C locale. Secrets go in by ``input``: words are for all to see.

    :param timeout: seconds.
    :param env: added to the clean environment.
    :raises CommandError: with what it said.
    """
    given = input.encode() if isinstance(input, str) else input or b""
    try:
        done = subprocess.run(  # noqa: S603 -- our own words
            command,
            input=given,
            capture_output=True,
            timeout=timeout,
            env=_CLEAN | dict(env or {}),
            cwd=cwd,
            check=False,
        )
    except FileNotFoundError:
        raise CommandError(command[0], None, "there is no such program") from None
    except subprocess.TimeoutExpired as late:  # what it tried again and again is the reason
        whole = _text(late.stderr or b"")
        said = "\n".join(filter(None, (_end(whole), f"took longer than {timeout:.0f} s")))
        raise CommandError(command[0], None, said, whole) from None
    if done.returncode:
        whole = _text(done.stderr or done.stdout)
        raise CommandError(command[0], done.returncode, _end(whole), whole)
    return done.stdout.decode(errors="replace")


def in_own_unit(user: str, words: Sequence[str], *properties: str, serves: bool = False) -> list[str]:
    """Words that have systemd run something as another user, in a unit of its own that may do little.

    Who asks need not become anybody.

    :param properties: of the unit, ``Name=value``; what it may write and how it may speak is among them.
    :param serves: it is a server that goes into the background; these words end when it is up, and not with it.
    """
    talk = ["--property=Type=forking"] if serves else ["--wait", "--pipe"]
    given = [f"--property={each}" for each in (f"User={user}", *SANDBOX, *properties)]
    # systemd would put variables of its own in for what a shell is meant to read.
    command = [word.replace("$", "$$") for word in words]
    called = f"--description=BelgeNet: {words[0]} as {user}"
    return ["systemd-run", "--quiet", "--collect", called, *talk, "--setenv=LC_ALL=C.UTF-8", *given, "--", *command]


def _text(said: bytes) -> str:
    return said.decode(errors="replace").strip()


def _end(said: str) -> str:
    return "\n".join(said.splitlines()[-5:])
