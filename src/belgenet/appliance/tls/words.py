"""Findings and the state in words."""

from belgenet.appliance.tls.examine import ERROR, Finding
from belgenet.appliance.tls.state import State, moment
from belgenet.appliance.words import Words


def told(say: Words, finding: Finding) -> str:
    """A finding: how bad, its code, what is wrong and what helps."""
    mark = say("mark_error" if finding.severity == ERROR else "mark_warning")
    cause, cure = say(finding.code, **finding.values), say(f"{finding.code}.cure", **finding.values)
    return f"{mark} [{finding.code}] {cause}\n  {cure}"


def summary(say: Words, state: State) -> list[str]:
    """What ``belgenet tls show`` prints."""
    lines = [say("shown_mode", mode=state.mode, origin=state.origin or "-")]
    if state.not_after:
        left = (moment(state.not_after) - moment(state.checked)).days
        lines.append(say("shown_validity", start=state.not_before[:10], end=state.not_after[:10], days=left))
        lines.append(say("shown_issuer", issuer=state.issuer, fingerprint=state.fingerprint))
    lines += [f"  {name}: {_name(say, state, name)}" for name in state.names]
    lines += [f"{say('mark_notice')} [{code}] {say(f'{code}.state')}" for code in state.findings]
    if state.problem:
        lines.append(f"{say('mark_error')} [{state.problem}] {say(state.problem, detail=state.detail)}")
        lines.append(f"  {say(f'{state.problem}.cure')}")
        lines.append("  " + say("shown_next_try", when=state.next_try or "-", failures=state.failures))
    return lines


def _name(say: Words, state: State, name: str) -> str:
    if name not in state.uncovered:
        return say("name_covered")
    if name in state.refused:
        return say("name_refused", reason=state.refused[name].reason, again=state.refused[name].again)
    return say("name_waiting")
