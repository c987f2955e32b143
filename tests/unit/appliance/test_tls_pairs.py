"""Certificate and key change as one, and back when Nginx does not want them."""

import os

import pytest

from belgenet.appliance.tls import chain, given, present
from belgenet.appliance.tls.nginx import NginxError
from belgenet.appliance.tls.pairs import Pair
from belgenet.appliance.tls.pem import certificates, private_key
from belgenet.appliance.tls.server import TlsError

from .tls import DOMAIN, World


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def pair(world, *names):
    text, key = world.signed(*names)
    found = certificates(text)
    return Pair(chain.ordered(found[0], found[1:]), private_key(key), "provided")


def matches(world):
    """Whether the two files that Nginx reads belong together."""
    key = private_key((world.layout.folder / "server.key").read_text())
    return chain.leaf([world.shown()], key) is not None


def test_a_pair_is_used_and_its_key_is_roots_alone(world):
    world.server.use(pair(world))
    assert matches(world)
    assert (world.layout.folder / "server.key").stat().st_mode & 0o777 == 0o600
    assert world.reloads == 1
    assert world.server.pairs.live().origin == "provided"


def test_both_files_change_at_one_instant(world, monkeypatch):
    """Cut off before any single step of the change, what Nginx reads still belongs together."""
    world.server.use(pair(world))
    before = world.shown()
    real = os.replace
    for stop in range(1, 8):
        count = 0

        def replace(*args, stop=stop, **kw):
            nonlocal count
            count += 1
            if count == stop:
                raise KeyboardInterrupt
            return real(*args, **kw)

        with monkeypatch.context() as patched:
            patched.setattr(os, "replace", replace)
            patched.setattr("pathlib.Path.replace", replace)
            try:
                world.server.use(pair(world))
            except KeyboardInterrupt:
                assert world.shown() == before
        assert matches(world)
        before = world.shown()


def test_what_nginx_refuses_is_taken_back(world):
    world.server.use(pair(world))
    before = world.shown()

    def refuse():
        raise NginxError("no such directive")

    world.server.reload = refuse
    with pytest.raises(TlsError) as raised:
        world.server.use(pair(world))
    assert [finding.code for finding in raised.value.findings] == ["nginx_refuses"]
    assert world.shown() == before


def test_old_pairs_go_but_the_one_in_use_stays(world):
    for number in range(6):
        world.server.use(pair(world, DOMAIN, f"x{number}.{DOMAIN}"))
    assert len(list(world.layout.sets.iterdir())) <= 4
    assert matches(world)


def test_files_an_operator_put_there_are_taken_in(world):
    text, key = world.signed()
    (world.layout.folder / "server.pem").write_text(text)
    (world.layout.folder / "server.key").write_text(key)
    assert present.needed(world.server) == "adopt"
    assert present.ensure(world.server)
    assert world.server.pairs.linked()
    assert matches(world)
    assert not present.ensure(world.server)


def test_files_an_operator_put_there_must_belong_together(world):
    (world.layout.folder / "server.pem").write_text(world.signed()[0])
    (world.layout.folder / "server.key").write_text(world.signed()[1])
    with pytest.raises(TlsError) as raised:
        present.ensure(world.server)
    assert [finding.code for finding in raised.value.findings] == ["key_other"]


def test_nothing_was_provided(world):
    with pytest.raises(TlsError, match="certificate_missing"):
        present.ensure(world.server)


@pytest.mark.parametrize("mode", ["self_signed", "internal_ca", "acme_http01", "internal_acme"])
def test_every_other_mode_begins_with_one_made_here(world, mode):
    server = world.in_mode(mode)
    assert present.ensure(server)
    assert server.pairs.live().origin == "self_signed"
    assert not present.ensure(server)
    awaited = {"self_signed": [], "internal_ca": ["certificate_awaited", "self_signed"]}
    assert server.state().findings == awaited.get(mode, ["certificate_not_yet", "self_signed"])


def test_a_self_signed_one_is_made_again_before_it_ends_or_when_a_name_is_missing(world):
    server = world.in_mode("self_signed")
    present.ensure(server)
    first = world.shown()
    world.tenants = ["kendi.example"]
    assert present.ensure(server)
    assert "kendi.example" in str(world.shown().extensions)
    assert world.shown() != first
    world.now = world.shown().not_valid_after_utc
    assert present.needed(server) == "make"


def test_another_mode_leaves_what_is_in_use_until_there_is_a_better_one(world):
    world.server.use(pair(world))
    before = world.shown()
    for mode in ("internal_ca", "acme_http01"):
        assert not present.ensure(world.in_mode(mode))
    assert world.shown() == before
    with pytest.raises(TlsError, match="mode_asks_itself"):
        given.install(world.in_mode("acme_http01"), "")
