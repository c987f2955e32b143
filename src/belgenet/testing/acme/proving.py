"""HTTP-01: who shows a secret at a name's port 80 holds the name (RFC 8555 section 8.3)."""

import httpx

from belgenet.testing.acme.jws import thumbprint
from belgenet.testing.acme.memory import Question
from belgenet.testing.acme.problems import AcmeProblem

_MOST_BYTES = 1024


def prove(question: Question, address: str) -> None:
    """Fetch the answer and note in the question whether it is right.

    :param address: host and port to ask in place of what the DNS says of the name; empty: the name does not exist.
    """
    try:
        _fetch(question, address)
        question.status = "valid"
    except AcmeProblem as problem:
        question.problem = problem.document()
        question.status = "invalid"


def _fetch(question: Question, address: str) -> None:
    path = f"/.well-known/acme-challenge/{question.token}"
    if not address:
        raise AcmeProblem("dns", f"DNS problem: NXDOMAIN looking up A for {question.name}")
    try:
        answer = httpx.get(f"http://{address}{path}", headers={"Host": question.name}, timeout=10, trust_env=False)
    except httpx.HTTPError as error:
        raise AcmeProblem("connection", f"Fetching http://{question.name}{path}: {error}") from None
    wanted = f"{question.token}.{thumbprint(question.account.jwk)}"
    if answer.status_code != httpx.codes.OK or answer.text[:_MOST_BYTES].rstrip() != wanted:
        said = f"Invalid response from http://{question.name}{path}: {answer.status_code}"
        raise AcmeProblem("unauthorized", said, 403)
