"""Programs of the server hear of tenants that changed, after the change is there; and the server's command lists their hosts."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from belgenet.cli import tenant as command
from belgenet.core.db import utcnow
from belgenet.tenancy.models import Tenant
from belgenet.tenancy.platform import TenantExistsError, create_tenant, platform_session
from belgenet.tenancy.schemas import TenantIn

NEW = TenantIn(slug="isik", kind="academy", name="Işık Okulları")


def _twice(session: Any) -> None:
    create_tenant(session, NEW)
    create_tenant(session, NEW)


@pytest.fixture
def told(system: Any, tmp_path: Path) -> Any:
    """The settings of an installation whose server listens, and what it has heard."""
    settings = system.settings
    app = settings.app.model_copy(update={"signals_dir": str(tmp_path)})
    return settings.model_copy(update={"app": app}), tmp_path / "tenants"


def test_a_new_tenant_is_announced_after_it_is_there(told: Any) -> None:
    settings, file = told
    with platform_session(settings) as session:
        create_tenant(session, NEW)
        assert not file.exists()
    assert file.exists()
    assert [one.name for one in file.parent.iterdir()] == ["tenants"]


def test_a_changed_tenant_is_announced(told: Any, tenant: Any) -> None:
    settings, file = told
    with platform_session(settings) as session:
        session.scalars(select(Tenant)).one().domain = "kendi.example"
    assert file.exists()


def test_looking_or_failing_announces_nothing(told: Any, tenant: Any) -> None:
    settings, file = told
    with platform_session(settings) as session:
        assert session.scalars(select(Tenant)).all()
    with pytest.raises(TenantExistsError), platform_session(settings) as session:
        _twice(session)
    assert not file.exists()


def test_a_folder_that_is_away_stops_nobody(told: Any) -> None:
    settings, file = told
    file.parent.rmdir()
    with platform_session(settings) as session:
        create_tenant(session, NEW)


def test_hosts_of_all_tenants_those_of_suspended_ones_too(
    system: Any, tenant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with platform_session(system.settings) as session:
        create_tenant(session, NEW.model_copy(update={"domain": "isik.example"}))
        create_tenant(session, TenantIn(slug="kapali", kind="academy", name="Kapalı")).suspended_at = utcnow()
    monkeypatch.setattr(command, "settings_of", lambda _: system.settings)
    done = CliRunner().invoke(command.tenant, ["hosts"])
    assert json.loads(done.output) == ["isik.example", "isik.localhost", "kapali.localhost", "vakif.localhost"]
