"""One effect and one answer for any number of deliveries of a request."""

import threading
from typing import Any

from belgenet.core.security import Role

COURSE = {"title": "Tecvid", "price": {"amount": "100.00", "currency": "TRY"}}


def create(client: Any, key: str, body: Any = None) -> Any:
    return client.post("/admin/courses", body or COURSE, headers={"Idempotency-Key": key})


def courses(system: Any) -> int:
    return int(system.sql("SELECT count(*) FROM courses")[0][0])


def test_the_same_request_again_is_the_same_answer(system: Any, tenant: Any) -> None:
    admin = system.sign_in(tenant, Role.TENANT_ADMIN).client
    first, second = create(admin, "key-0000001"), create(admin, "key-0000001")
    assert first.status_int == second.status_int == 201
    assert first.body == second.body
    assert second.headers["Idempotent-Replayed"] == "true"
    assert courses(system) == 1


def test_another_body_under_the_same_key_is_refused(system: Any, tenant: Any) -> None:
    admin = system.sign_in(tenant, Role.TENANT_ADMIN).client
    create(admin, "key-0000001")
    answer = create(admin, "key-0000001", {**COURSE, "title": "Başka"})
    assert (answer.status_int, answer.json["code"]) == (422, "idempotency_key_reused")
    assert courses(system) == 1


def test_keys_belong_to_people(system: Any, tenant: Any) -> None:
    for _ in range(2):
        assert create(system.sign_in(tenant, Role.TENANT_ADMIN).client, "key-0000001").status_int == 201
    assert courses(system) == 2


def test_a_refused_request_does_not_use_its_key_up(system: Any, tenant: Any) -> None:
    admin = system.sign_in(tenant, Role.TENANT_ADMIN).client
    assert create(admin, "key-0000001", {**COURSE, "title": ""}).status_int == 400
    assert create(admin, "key-0000001").status_int == 201


def test_missing_and_malformed_keys(system: Any, tenant: Any) -> None:
    admin = system.sign_in(tenant, Role.TENANT_ADMIN).client
    for key in ("", "short", "with blank in it", "x" * 256):
        assert create(admin, key).json["code"] == "idempotency_key_required"


def test_ten_at_once_make_one(system: Any, tenant: Any) -> None:
    person = system.sign_in(tenant, Role.TENANT_ADMIN)
    start = threading.Barrier(10)
    answers: list[Any] = []

    def run() -> None:
        client = system.client(tenant, person.client.token)
        start.wait()
        answers.append(create(client, "key-0000001"))

    threads = [threading.Thread(target=run) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_int for answer in answers} == {201}
    assert len({answer.body for answer in answers}) == 1
    assert courses(system) == 1
