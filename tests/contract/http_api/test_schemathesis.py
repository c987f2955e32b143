"""What the OpenAPI document promises, asked by an independent reader of it: schemathesis makes requests the document allows and
checks status codes, content types and bodies of the answers against it.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.security.test_matrix import tenant_operations
from tests.security.world import make_world

from belgenet.core.security import Role
from belgenet.core.security.permissions import PUBLIC
from belgenet.core.web.openapi import document
from belgenet.core.web.service import Operation


def no_fault_of_ours(_: Any, answer: Any, __: Any) -> None:
    """503 says that somebody else (a payment provider, the S3 server) is away; none of them runs here."""
    assert answer.status_code < 500 or answer.status_code == 503, answer.text[:500]


CHECKS = (
    no_fault_of_ours,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
EXAMPLES = 8
SHARDS = 6


def closed_at_the_end(application: Any) -> Any:
    """Closes the answer as every server does; the client of the reader leaves that to the garbage collector."""

    def call(environ: Any, start_response: Any) -> Iterator[bytes]:
        answer = application(environ, start_response)
        try:
            yield from answer
        finally:
            if hasattr(answer, "close"):
                answer.close()

    return call


class Asker:
    """Asks one tenant's API as its administrator, about objects that exist."""

    def __init__(self, system: Any) -> None:
        self.system = system
        self.tenant = system.create_tenant("vakif", "charity")
        self.world = make_world(system, self.tenant)
        self.host = system.client(self.tenant).host
        self.schema = schemathesis.openapi.from_dict(document())
        self.schema.app = closed_at_the_end(system.wsgi)

    def ask(self, operation: Operation) -> None:
        """:raises schemathesis.FailureGroup: an answer the document does not describe."""
        described = self.schema.find_operation_by_id(operation.id)
        headers = {"Host": self.host}
        if operation.permission != PUBLIC:
            # Anew for each operation: some of them end the session.
            headers["Authorization"] = f"Bearer {self.system.sign_in(self.tenant, Role.TENANT_ADMIN).client.token}"

        @given(case=described.as_strategy())
        @settings(
            max_examples=EXAMPLES if operation.body or operation.query else 1,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def one(case: Any) -> None:
            for name in case.path_parameters or {}:
                case.path_parameters[name] = self.world.values[name]
            answer = case.call(headers=headers, base_url=f"https://{self.host}")
            case.validate_response(answer, checks=CHECKS)

        one()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_answers_are_what_the_document_says(system: Any, shard: int) -> None:
    asker = Asker(system)
    wrong = {}
    for operation in tenant_operations()[shard::SHARDS]:
        try:
            asker.ask(operation)
        except Exception as error:  # noqa: BLE001 - every wrong operation in one report
            wrong[operation.id] = f"{type(error).__name__}: {error}"[:2000]
    assert not wrong, "\n\n".join(f"{name}\n{text}" for name, text in wrong.items())
