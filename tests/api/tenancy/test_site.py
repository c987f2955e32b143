"""The public face of a host, and what its administrator may change."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy.orm import Session

from belgenet.tenancy.platform import create_tenant
from belgenet.tenancy.schemas import TenantIn


def test_site_describes_the_tenant_of_the_host(app: Any, tenant: Any) -> None:
    answer = app.get("/site", status=200).json
    assert answer["tenant"]["slug"] == "vakif"
    assert answer["tenant"]["id"] == str(tenant.id)
    assert answer["platform"] is False
    assert answer["providers"] == ["iyzico", "stripe"]


def test_bare_host_is_the_platforms_door(system: Any, tenant: Any) -> None:
    assert system.client(None).get("/site", status=200).json == {
        "tenant": None,
        "platform": True,
        "providers": [],
        "sandbox": False,
        "api_version": "0.1.0",
    }


def test_unknown_host_is_a_translated_problem(wsgi: Any) -> None:
    answer = wsgi.get("/api/v1/site", headers={"Host": "nobody.localhost", "Accept-Language": "tr"}, status=404)
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == "tenant_not_found"


def test_an_institution_opened_by_another_process_is_there_at_once(system: Any, app: Any, wsgi: Any) -> None:
    app.get("/site", status=200)
    with Session(system.superuser) as session, session.begin():
        create_tenant(session, TenantIn(slug="isik", kind="academy", name="Işık Okulları"))
    answer = wsgi.get("/api/v1/site", headers={"Host": "isik.localhost"}, status=200)
    assert answer.json["tenant"]["name"] == "Işık Okulları"


def test_those_who_wait_for_the_same_look_share_it(system: Any, app: Any) -> None:
    """Unknown hosts are looked up anew, but a flood of them is not as many queries."""
    asking = threading.Barrier(9)

    def ask(number: int) -> Any:
        asking.wait(10)
        return system.directory.by_host(f"nobody-{number}.localhost")

    with system.count_queries() as statements, ThreadPoolExecutor(8) as pool:
        with system.directory._lock:
            answers = [pool.submit(ask, number) for number in range(8)]
            asking.wait(10)
            time.sleep(0.3)
        assert [answer.result(10) for answer in answers] == [None] * 8
    assert 1 <= len(statements) <= 3


def test_stranger_may_not_read_the_settings(app: Any) -> None:
    answer = app.get("/admin/site", status=401)
    assert answer.json["code"] == "not_authenticated"
