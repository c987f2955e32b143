"""The protocol's operations. Every one but the directory and nonces is a signed POST."""

import threading
from typing import Any

from cryptography import x509
from pyramid.request import Request
from pyramid.response import Response

from belgenet.testing.acme import jws
from belgenet.testing.acme.memory import Account, Order, Question
from belgenet.testing.acme.problems import AcmeProblem
from belgenet.testing.acme.proving import prove
from belgenet.testing.acme.wire import acme_of, post, reply


def directory(request: Request) -> Response:
    """Where everything is."""
    acme = acme_of(request)
    names = {"newNonce": "new-nonce", "newAccount": "new-account", "newOrder": "new-order"}
    found: dict[str, Any] = {name: f"{acme.url}/{path}" for name, path in names.items()}
    found["meta"] = {"externalAccountRequired": bool(acme.bindings)}
    return Response(json_body=found)


def new_nonce(request: Request) -> Response:
    """One to begin with."""
    return reply(request, None, status=200 if request.method == "HEAD" else 204)


@post
def new_account(request: Request, signed: jws.Signed) -> Response:
    """Make an account, or say which one the key has."""
    acme, wanted = acme_of(request), signed.payload or {}
    known = acme.memory.account_of(signed.jwk)
    if known is None:
        if wanted.get("onlyReturnExisting"):
            raise AcmeProblem("accountDoesNotExist", "no account has this key")
        known = acme.memory.register(signed.jwk, wanted.get("contact", []), _binding(request, signed))
        return reply(request, _account(known), status=201, place=f"account/{known.id}")
    return reply(request, _account(known), place=f"account/{known.id}")


@post
def account(request: Request, signed: jws.Signed) -> Response:
    """What is known of an account."""
    return reply(request, _account(_who(request, signed)))


@post
def new_order(request: Request, signed: jws.Signed) -> Response:
    """Ask for a certificate."""
    who = _who(request, signed)
    wanted = signed.payload.get("identifiers") or []
    if not wanted or any(one.get("type") != "dns" for one in wanted):
        raise AcmeProblem("malformed", "identifiers of type dns, one or more")
    names = [one["value"] for one in wanted]
    if any("*" in name for name in names):
        raise AcmeProblem("rejectedIdentifier", "HTTP-01 proves no wildcard")
    made = acme_of(request).memory.order(who, names)
    return reply(request, _order(request, made), status=201, place=f"order/{made.id}")


@post
def authorization(request: Request, signed: jws.Signed) -> Response:
    """A name and how to prove it."""
    return reply(request, _authorization(request, _question(request, signed)))


@post
def challenge(request: Request, signed: jws.Signed) -> Response:
    """The other side is ready: look."""
    acme, question = acme_of(request), _question(request, signed)
    if signed.payload is not None and question.status == "pending":
        question.status = "processing"
        threading.Thread(target=prove, args=(question, acme.address_of(question.name)), daemon=True).start()
    return reply(request, _challenge(request, question), above=f"authz/{question.id}")


@post
def order(request: Request, signed: jws.Signed) -> Response:
    """How an order stands."""
    return reply(request, _order(request, _mine(request, signed)))


@post
def finalize(request: Request, signed: jws.Signed) -> Response:
    """Sign the request, when every name is proven and it asks for those and no other."""
    found = _mine(request, signed)
    if found.status != "ready":
        raise AcmeProblem("orderNotReady", f"the order is {found.status}", 403)
    try:
        csr = x509.load_der_x509_csr(jws.unwrap(signed.payload["csr"]))
        asked = csr.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, KeyError, TypeError, x509.ExtensionNotFound):
        raise AcmeProblem("badCSR", "the request cannot be read") from None
    if not csr.is_signature_valid or sorted(asked.get_values_for_type(x509.DNSName)) != sorted(found.names):
        raise AcmeProblem("badCSR", "other names than the order's, or a wrong signature")
    found.certificate = acme_of(request).issuer.sign(csr)
    return reply(request, _order(request, found), place=f"order/{found.id}")


@post
def certificate(request: Request, signed: jws.Signed) -> Response:
    """The certificate with its chain."""
    return reply(request, _mine(request, signed).certificate)


def _binding(request: Request, signed: jws.Signed) -> str:
    acme = acme_of(request)
    if not acme.bindings:
        return ""
    binding = signed.payload.get("externalAccountBinding")
    if binding is None:
        raise AcmeProblem("externalAccountRequired", "an external account is needed", 403)
    return jws.check_binding(binding, acme.bindings, signed.jwk)


def _who(request: Request, signed: jws.Signed) -> Account:
    return acme_of(request).memory.accounts[signed.account.rpartition("/")[2]]


def _question(request: Request, signed: jws.Signed) -> Question:
    found = acme_of(request).memory.questions.get(request.matchdict["id"])
    if found is None or found.account is not _who(request, signed):
        raise AcmeProblem("malformed", "no such authorization", 404)
    return found


def _mine(request: Request, signed: jws.Signed) -> Order:
    found = acme_of(request).memory.orders.get(request.matchdict["id"])
    if found is None or found.account is not _who(request, signed):
        raise AcmeProblem("malformed", "no such order", 404)
    return found


def _account(found: Account) -> dict[str, Any]:
    return {"status": "valid", "contact": found.contact}


def _order(request: Request, found: Order) -> dict[str, Any]:
    url = acme_of(request).url
    told: dict[str, Any] = {
        "status": found.status,
        "identifiers": [{"type": "dns", "value": name} for name in found.names],
        "authorizations": [f"{url}/authz/{question.id}" for question in found.questions],
        "finalize": f"{url}/finalize/{found.id}",
    }
    return told | ({"certificate": f"{url}/cert/{found.id}"} if found.certificate else {})


def _authorization(request: Request, question: Question) -> dict[str, Any]:
    status = "pending" if question.status == "processing" else question.status
    identifier = {"type": "dns", "value": question.name}
    return {"status": status, "identifier": identifier, "challenges": [_challenge(request, question)]}


def _challenge(request: Request, question: Question) -> dict[str, Any]:
    url = f"{acme_of(request).url}/challenge/{question.id}"
    told: dict[str, Any] = {"type": "http-01", "url": url, "token": question.token, "status": question.status}
    return told | ({"error": question.problem} if question.problem else {})
