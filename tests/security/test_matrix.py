"""Who may do what, asked of every operation: role x tenant x endpoint, against one reviewed file.

``pytest tests/security/test_matrix.py --write-matrix`` rewrites ``matrix.json``; read the difference before you commit it.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.security.world import World, make_world

from belgenet.core.security import Role
from belgenet.core.security.permissions import PUBLIC
from belgenet.core.web.openapi import operations
from belgenet.core.web.service import PlatformService

FILE = Path(__file__).with_name("matrix.json")
NAMES = re.compile(r"\{(\w+):")
UNAUTHENTICATED, DENIED = {401}, {403, 404}
SPENT = range(200, 400)
STANDS_FOR = {"requestCertificate": {"certificate_id": "settled_order_id"}}
"""Placeholders that take the id of another kind of object than their name says."""
ROLES = [role for role in Role if role is not Role.SUPER_ADMIN]


class Stage:
    """A world and people around it; rebuilt after a call that changed something."""

    def __init__(self, system: Any) -> None:
        self.system = system
        self.build()

    def build(self) -> None:
        self.system.reset()
        self.home = self.system.create_tenant("vakif", "charity")
        self.abroad = self.system.create_tenant("akademi", "academy")
        self.world: World = make_world(self.system, self.home)
        self.people = {role: self.system.sign_in(self.home, role) for role in ROLES}
        self.foreigner = self.system.sign_in(self.abroad, Role.TENANT_ADMIN)
        self.platform = self.system.sign_in(None, Role.SUPER_ADMIN)

    def status(self, operation: Any, client: Any) -> int:
        names = NAMES.findall(operation.service.path)
        path = self.world.path(operation.service.path, names, STANDS_FOR.get(operation.id, {}))
        body = None if operation.method in {"GET", "DELETE"} else {}
        status: int = client.request(operation.method, path, body).status_int
        if status in SPENT and operation.method != "GET":
            self.build()
        return status


def verdict(status: int) -> str:
    assert status != 500, "an operation broke on empty input"
    return "sign in" if status in UNAUTHENTICATED else "denied" if status in DENIED else "allowed"


def at_home(stage: Stage, operation: Any) -> dict[str, Any]:
    """Roles (and the owner) that get past the door of their own tenant."""
    allowed = [role.value for role in ROLES if verdict(stage.status(operation, stage.people[role].client)) == "allowed"]
    return {"roles": allowed, "owner": verdict(stage.status(operation, stage.world.owner.client)) == "allowed"}


TENANT_OPERATIONS = "tenant operations"


@pytest.fixture
def stage(system: Any) -> Stage:
    return Stage(system)


def tenant_operations() -> list[Any]:
    return [item for item in operations() if not isinstance(item.service, PlatformService)]


@pytest.mark.timeout(300)
def test_roles_reach_exactly_what_the_file_says(stage: Stage, request: pytest.FixtureRequest) -> None:
    found = {item.id: at_home(stage, item) for item in tenant_operations() if item.permission != PUBLIC}
    if request.config.getoption("--write-matrix"):
        FILE.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert found == json.loads(FILE.read_text(encoding="utf-8"))


def test_nobody_gets_in_without_signing_in(stage: Stage) -> None:
    stranger = stage.system.client(stage.home)
    let_in = [
        item.id for item in tenant_operations() if item.permission != PUBLIC and stage.status(item, stranger) != 401
    ]
    assert let_in == []


def test_a_token_of_another_tenant_is_worthless_here(stage: Stage) -> None:
    for token in (stage.foreigner.client.token, stage.platform.client.token):
        client = stage.system.client(stage.home, token)
        let_in = [
            item.id for item in tenant_operations() if item.permission != PUBLIC and stage.status(item, client) != 401
        ]
        assert let_in == []


def test_objects_of_another_tenant_do_not_exist(stage: Stage) -> None:
    """The administrator of one tenant, at home, asks for every object of the other: even its existence stays unknown."""
    leaks = []
    for item in tenant_operations():
        names = [name for name in NAMES.findall(item.service.path) if name != "kind"]
        if not names:
            continue
        status = stage.status(item, stage.foreigner.client)
        if item.id == "verifyCertificate":
            continue  # answers "unknown" to everybody; its own test asks across tenants
        if status != 404:
            leaks.append((item.id, status))
    assert leaks == []


def test_the_platform_is_closed_to_tenants_and_open_to_its_own(stage: Stage) -> None:
    console = [item for item in operations() if isinstance(item.service, PlatformService)]
    assert console
    for item in console:
        path = stage.world.path(
            item.service.path.replace("{tenant_id:", "{tenant_key:"),
            NAMES.findall(item.service.path.replace("{tenant_id:", "{tenant_key:")),
        )
        body = None if item.method == "GET" else {}
        if item.permission == PUBLIC:  # strangers may knock, at this door only
            assert verdict(stage.system.client(None).request(item.method, path, body).status_int) == "allowed", item.id
            assert stage.system.client(stage.home).request(item.method, path, body).status_int == 404, item.id
            continue
        for person in stage.people.values():
            assert stage.system.client(None, person.client.token).request(item.method, path, body).status_int == 401, (
                item.id
            )
            assert person.client.request(item.method, path, body).status_int == 404, item.id
        assert stage.system.client(None).request(item.method, path, body).status_int == 401
        assert verdict(stage.platform.client.request(item.method, path, body).status_int) == "allowed", item.id
