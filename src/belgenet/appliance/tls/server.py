"""The certificate of one server: what is in use, which names there are, and what is wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from belgenet.appliance.tls import make, names, nginx
from belgenet.appliance.tls.chain import trusted_authorities
from belgenet.appliance.tls.examine import ERROR, Finding, dns_names, examine
from belgenet.appliance.tls.layout import GIVEN, Layout
from belgenet.appliance.tls.pairs import Pair, Pairs
from belgenet.appliance.tls.settings import SYSTEM_AUTHORITIES, TlsSettings
from belgenet.appliance.tls.state import State, read_state, text, write_state


class TlsError(Exception):
    """A certificate was not taken; the one before stays in use."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(", ".join(finding.code for finding in findings))
        self.findings = findings


def refuse(code: str, **values: str) -> TlsError:
    """One reason."""
    return TlsError([Finding(code, values=values)])


@dataclass
class Server:
    """What the verbs work with; tests give other folders, clocks and programs."""

    layout: Layout
    settings: TlsSettings
    reload: Callable[[], None] = nginx.reload
    tenants: Callable[[], list[str] | None] = names.of_tenants
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    authority_files: list[Path] = field(default_factory=lambda: [Path(SYSTEM_AUTHORITIES)])

    def __post_init__(self) -> None:
        self.pairs = Pairs(self.layout)
        if self.settings.authority:
            self.authority_files = [*self.authority_files, Path(self.settings.authority)]

    def state(self) -> State:
        """What was noted last."""
        return read_state(self.layout.knowledge)

    def hosts(self, state: State) -> list[str]:
        """Every name this server answers to; those known before while the database does not answer."""
        found = self.tenants()
        if found is None:
            found = [name for name in state.names if name not in names.own(self.settings.domain)]
        return names.every(self.settings.domain, found)

    def look(self, pair: Pair, hosts: list[str]) -> list[Finding]:
        """Everything that is wrong with a pair; a self-signed one is right where the operator wants it."""
        authorities = trusted_authorities(self.authority_files)
        found = examine(pair.chain, domain=self.settings.domain, hosts=hosts, authorities=authorities, now=self.now())
        wanted = self.settings.mode == "self_signed"
        return [finding for finding in found if not (wanted and finding.code == "self_signed")]

    def use(self, pair: Pair) -> None:
        """Take a pair into use and have Nginx read it. :raises TlsError: Nginx refuses; the one before stays."""
        try:
            self.pairs.use(pair, self.reload)
        except nginx.NginxError as error:
            raise refuse("nginx_refuses", detail=str(error)) from None

    def use_self_signed(self) -> None:
        """Make a certificate here and use it."""
        found = self.tenants() or []
        chain, key = make.self_signed(names.for_wildcard(self.settings.domain, found), self.settings.self_signed_days)
        self.use(Pair([chain], key, "self_signed"))

    def refresh(self, state: State) -> State:
        """Note how things stand now."""
        write_state(self.layout.knowledge, self.current(state))
        return state

    def current(self, state: State) -> State:
        """How things stand now, beside what was noted of tries."""
        pair = self.pairs.live()
        state.begin(self.settings.mode, self.settings.directory)
        state.checked = text(self.now())
        state.names = self.hosts(state)
        state.refused = {name: one for name, one in state.refused.items() if name in state.names}
        if pair is not None:
            own = pair.chain[0]
            state.origin, state.fingerprint = pair.origin, pair.fingerprint
            state.issuer = own.issuer.rfc4514_string()
            state.not_before, state.not_after = text(own.not_valid_before_utc), text(own.not_valid_after_utc)
            state.uncovered = names.uncovered(dns_names(own), state.names)
            state.findings = [finding.code for finding in self.look(pair, state.names)]
        if awaited := self._awaited(pair):
            state.findings = [awaited, *state.findings]
        return state

    def _awaited(self, pair: Pair | None) -> str:
        """Whether what the operator chose has not come yet."""
        if pair is None or self.settings.mode == "self_signed" or pair.origin not in {"self_signed", ""}:
            return ""
        return "certificate_awaited" if self.settings.mode in GIVEN else "certificate_not_yet"


def errors(findings: list[Finding]) -> list[Finding]:
    """Those for which a certificate is not taken."""
    return [finding for finding in findings if finding.severity == ERROR]
