"""Certificates of an ACME server: when to ask, for which names, and what to do with the answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from belgenet.appliance.tls import chain as chains
from belgenet.appliance.tls import given, make, names
from belgenet.appliance.tls.client import AcmeError, Client
from belgenet.appliance.tls.examine import dns_names
from belgenet.appliance.tls.pairs import Pair
from belgenet.appliance.tls.pem import PemError, certificates
from belgenet.appliance.tls.server import Server, TlsError
from belgenet.appliance.tls.state import GAP, MOST_IN_A_WEEK, State, moment

LIFE_LEFT: Final = 1 / 3
"""Of a certificate's life: with less, the next one is asked for. Right for ninety days as for six."""


@dataclass(frozen=True)
class Plan:
    """What to ask for; no names: nothing now. ``reason`` is a code."""

    names: list[str]
    reason: str


@dataclass(frozen=True)
class Outcome:
    """What came of it. ``problem`` is a code; empty: all is well."""

    changed: bool
    reason: str
    problem: str = ""
    detail: str = ""


def plan(server: Server, state: State, *, force: bool) -> Plan:
    """Whether to ask now, and for which names."""
    now, pair = server.now(), server.pairs.live()
    wanted = [name for name in state.names if force or not state.asked_later(name, now)]
    reason = "forced" if force else _due(server, pair, wanted, now)
    if not reason or not wanted:
        return Plan([], "not_due")
    if not force and (waiting := _waiting(state, reason, now)):
        return Plan([], waiting)
    return Plan(wanted, reason)


def renew(server: Server, client: Client, *, force: bool = False, eab_key: str = "") -> Outcome:
    """Ask for a certificate when it is time, and use it when it is good. A failure leaves what is in use, and is noted."""
    state = server.refresh(server.state())
    planned = plan(server, state, force=force)
    if not planned.names:
        return Outcome(False, planned.reason, state.problem, state.detail)
    outcome = _try(server, client, state, planned, eab_key)
    server.refresh(state)
    return outcome


def _try(server: Server, client: Client, state: State, planned: Plan, eab_key: str) -> Outcome:
    asked = planned.names
    # A name that cannot be confirmed spoils the order for all: once more without it.
    for last in (False, True):
        try:
            _once(server, client, asked, eab_key)
        except AcmeError as error:
            for name, reason in error.refused.items():
                state.refuse(name, reason, server.now())
            left = [name for name in asked if name not in error.refused]
            if last or server.settings.domain not in left or left == asked:
                state.failed("names_refused" if error.refused else "acme_failed", error.detail, server.now())
                break
            asked = left
        except TlsError as error:
            state.failed("certificate_refused", ", ".join(finding.code for finding in error.findings), server.now())
            break
        else:
            state.succeeded(server.now())
            state.refused = {name: one for name, one in state.refused.items() if name not in asked}
            return Outcome(True, planned.reason)
    return Outcome(False, planned.reason, state.problem, state.detail)


def _once(server: Server, client: Client, asked: list[str], eab_key: str) -> None:
    """One order with a new key. :raises AcmeError: :raises TlsError:"""
    key = make.new_key()
    answer = client.ask(make.request(key, asked, common_name=False), eab_key=eab_key)
    try:
        found = certificates(answer)
    except PemError as error:
        raise AcmeError(error.code, {}) from None
    first = chains.leaf(found, key)
    if first is None:
        raise AcmeError("key_other", {})
    pair = Pair(chains.ordered(first, found), key, server.settings.mode, server.settings.directory)
    if absent := names.uncovered(dns_names(first), asked):
        raise AcmeError(f"names_missing: {', '.join(absent)}", {})
    given.take(server, pair)


def _due(server: Server, pair: Pair | None, wanted: list[str], now: datetime) -> str:
    if pair is None or pair.origin != server.settings.mode or pair.directory != server.settings.directory:
        return "first"
    own = pair.chain[0]
    life = own.not_valid_after_utc - own.not_valid_before_utc
    if own.not_valid_after_utc - now < life * LIFE_LEFT:
        return "ends_soon"
    return "new_names" if names.uncovered(dns_names(own), wanted) else ""


def _waiting(state: State, reason: str, now: datetime) -> str:
    """Why not to ask just now, though it is time."""
    if moment(state.next_try) > now:
        return "backing_off"
    if len([one for one in state.successes if (now - moment(one)).days < 7]) >= MOST_IN_A_WEEK:  # noqa: PLR2004
        return "enough_this_week"
    if reason == "new_names" and now - moment(state.last_success) < GAP:
        return "just_renewed"
    return ""
