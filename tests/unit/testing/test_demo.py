"""What a demo folder remembers, who may use it, what tools are told."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from belgenet.settings import load
from belgenet.testing.demo import summary
from belgenet.testing.demo.accounts import DemoAccount
from belgenet.testing.demo.environment import demo_environment
from belgenet.testing.demo.state import PREFERRED_PORTS, DemoLock, DemoState, forget
from belgenet.testing.demo.system import DemoSystem
from belgenet.testing.servers import DatabaseCredentials, MailSink, RedisServer, S3Server, ServerError


def test_state_is_kept_and_private(tmp_path: Path) -> None:
    state = DemoState.load(tmp_path)
    state.accounts = [{"tenant": "vakif", "email": "bağışçı@ornek.localhost", "password": "x", "role": "DONOR"}]
    state.port("web")
    state.save(tmp_path)
    assert DemoState.load(tmp_path) == state
    assert (tmp_path / "state.json").stat().st_mode & 0o077 == 0


def test_secrets_differ_per_folder() -> None:
    one, two = DemoState().secrets, DemoState().secrets
    assert all(one[name] != two[name] for name in one)


def test_ports_are_kept_and_differ(tmp_path: Path) -> None:
    state = DemoState()
    ports = {name: state.port(name) for name in (*PREFERRED_PORTS, "other", "another")}
    assert len(set(ports.values())) == len(ports)
    assert {name: state.port(name) for name in ports} == ports


def test_two_names_never_share_a_port() -> None:
    state = DemoState()
    first = state.port("one")
    state.ports["two"] = first
    assert state.port("two") != first


def test_the_lock_refuses_a_second_holder_and_names_the_first(tmp_path: Path) -> None:
    with DemoLock(tmp_path / "demo"), pytest.raises(ServerError, match=f"running already .process {os.getpid()}"):
        DemoLock(tmp_path / "demo").__enter__()
    with DemoLock(tmp_path / "demo"):
        pass


def test_a_killed_holder_frees_the_lock(tmp_path: Path) -> None:
    code = (
        "import os, signal; from pathlib import Path; from belgenet.testing.demo.state import DemoLock\n"
        f"DemoLock(Path({str(tmp_path / 'demo')!r})).__enter__(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    with DemoLock(tmp_path / "demo"):
        pass


def run_demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "belgenet.testing.demo", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_run_and_reset_are_refused_while_a_demo_runs(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    with DemoLock(folder):
        for step in ("run", "reset"):
            done = run_demo(step, "--folder", str(folder))
            assert done.returncode == 1
            assert done.stderr.count("\n") == 1
            assert "running already" in done.stderr
    assert folder.exists()


def test_reset_forgets_everything(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    (folder / "postgres" / "cluster").mkdir(parents=True)
    done = run_demo("reset", "--folder", str(folder))
    assert (done.returncode, done.stderr) == (0, "")
    assert not folder.exists()
    assert run_demo("reset", "--folder", str(folder)).returncode == 0
    assert not forget(folder)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    state = DemoState(ports={"web": 6543, "smtp": 2525, "psp": 8099})
    database = DatabaseCredentials(
        "belgenet",
        *(f"postgresql+psycopg://{role}:x@127.0.0.1:1/belgenet" for role in ("owner", "app", "platform", "relay")),
    )
    s3 = S3Server(tmp_path / "s3", port=8333)
    s3.access_key, s3.secret_key = "access", "secret"
    return demo_environment(
        state,
        database,
        RedisServer(tmp_path / "redis", port=6379),
        s3,
        MailSink(tmp_path / "mail", http_port=8025),
        tmp_path,
    )


def test_the_product_accepts_the_demos_settings(environment: dict[str, str]) -> None:
    settings = load({}, environment)
    assert settings.app.public_port == 6543
    assert settings.payments.sandbox
    assert settings.storage.endpoint == "127.0.0.1:8333"
    assert settings.database.owner_url
    assert settings.database.url.get_secret_value().startswith("postgresql+psycopg://app:")
    assert len(base64.b64decode(settings.security.jwt_keys.get_secret_value().partition(":")[2])) == 32


def test_the_demo_never_claims_to_be_production(environment: dict[str, str]) -> None:
    assert load({}, environment).app.environment == "development"


def test_everybody_comes_from_one_address_so_limits_per_address_are_wide(environment: dict[str, str]) -> None:
    ordinary, demo = load({}, {**environment}).limits, load({}, environment).limits
    assert demo.sign_in_per_account == type(ordinary)().sign_in_per_account
    assert demo.sign_in_per_address != type(ordinary)().sign_in_per_address


def test_what_people_and_tools_are_told(tmp_path: Path) -> None:
    system = DemoSystem(tmp_path / "demo", lambda _words: None)
    system.state.ports |= {"web": 7001, "psp": 7002}
    system.s3.ports["s3"] = 7003
    account = DemoAccount("vakif", "bagisci@ornek.localhost", "deneme-parolasi", "DONOR")
    system.state.accounts = [{**account.__dict__}]
    text = "\n".join(summary.lines(system))
    for expected in ("http://vakif.localhost:7001", "http://akademi.localhost:7001", account.email, account.password):
        assert expected in text
    file = tmp_path / "run" / "demo.json"
    summary.write(system, file)
    told = json.loads(file.read_text())
    assert told["urls"]["platform"] == "http://localhost:7001"
    assert told["accounts"] == system.state.accounts
    assert file.stat().st_mode & 0o077 == 0


def test_a_failing_step_shows_its_words(tmp_path: Path) -> None:
    system = DemoSystem(tmp_path / "demo", lambda _words: None)
    with pytest.raises(ServerError, match="kırık boru"):
        system._command("step", [sys.executable, "-c", "import sys; sys.exit('kırık boru')"])


def test_what_the_demo_writes_to_people_stays_in_its_sink(tmp_path: Path, environment: dict[str, str]) -> None:
    sms = load({}, environment).sms
    assert (sms.provider, sms.base_url, sms.sender) == ("netgsm", "http://127.0.0.1:8025", "BELGENET")
    system = DemoSystem(tmp_path / "demo", lambda _words: None)
    system.state.ports |= {"web": 7001, "psp": 7002}
    system.s3.ports["s3"] = 7003
    system.mail.http_port = 7004
    told = summary.describe(system)["urls"]
    assert (told["mail"], told["sms"]) == ("http://127.0.0.1:7004", "http://127.0.0.1:7004/sms")
    assert any("E-mails and SMS" in line and told["mail"] in line for line in summary.lines(system))
