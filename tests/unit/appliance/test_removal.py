"""What goes with the product, and what stays: other people's files, and what people gave to it."""

import os
from types import SimpleNamespace

import pytest

from belgenet.appliance import removal
from belgenet.appliance.removal import plan, remove
from belgenet.appliance.run import CommandError

MINE = "# Managed by BelgeNet.\n"
OURS = (
    "etc/systemd/system/belgenet-web@.service",
    "etc/systemd/system/nginx.service.d/belgenet.conf",
    "etc/systemd/system/prometheus-node-exporter.service.d/belgenet.conf",
    "etc/systemd/journald.conf.d/belgenet.conf",
    "etc/tmpfiles.d/belgenet-logs.conf",
    "etc/nginx/sites-available/belgenet",
    "etc/redis/redis-belgenet-cache.conf",
    "usr/local/sbin/belgenet",
)
AUTHORITY = "usr/local/share/ca-certificates/belgenet-okul.crt"
OTHERS = (
    "etc/nginx/nginx.conf",
    "etc/systemd/system/theirs.service",
    "usr/local/sbin/theirs",
    "etc/redis/redis.conf",
    "usr/local/share/ca-certificates/theirs.crt",
)
KEPT = (
    "etc/belgenet/site.yml",
    "etc/belgenet/belgenet.ini",
    "var/lib/belgenet/objects/1.dat",
    "var/lib/redis/belgenet-broker/a.aof",
)


class Systemd:
    """Answers as systemctl does; notes what it was told."""

    def __init__(self, *failing: str) -> None:
        self.told: list[list[str]] = []
        self.failing = failing

    def __call__(self, words, **_options):
        self.told.append(list(words))
        if any(word in self.failing for word in words):
            raise CommandError("systemctl", 1, "no")
        if words[1] == "list-units":
            return (
                "belgenet-web@1.service loaded active\nbelgenet-backup.timer loaded active\nbelgenet-x.slice loaded\n\n"
            )
        return ""


@pytest.fixture
def server(tmp_path):
    for name in (
        *OURS,
        *OTHERS,
        *KEPT,
        "etc/redis/belgenet-cache.acl",
        AUTHORITY,
        "opt/belgenet/releases/1/venv/a",
        "etc/nftables.conf",
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(MINE if name in OURS or name in KEPT or "nftables" in name else "theirs\n")
    link = tmp_path / "etc/nginx/sites-enabled/belgenet"
    link.parent.mkdir()
    link.symlink_to("../sites-available/belgenet")
    wanted = tmp_path / "etc/systemd/system/multi-user.target.wants/theirs.service"
    wanted.parent.mkdir()
    wanted.symlink_to("/etc/systemd/system/theirs.service")
    return tmp_path


def files(root):
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() or path.is_symlink()}


def test_only_our_files_go_and_the_data_stays(server):
    before = files(server)
    systemd = Systemd()
    remove(plan(server, systemd), with_data=False, tell=lambda *_a, **_k: None, ask=systemd)
    gone = before - files(server)
    assert gone == {
        *OURS,
        AUTHORITY,
        "etc/redis/belgenet-cache.acl",
        "etc/nginx/sites-enabled/belgenet",
        "opt/belgenet/releases/1/venv/a",
    }
    assert "belgenet" not in (server / "etc/nftables.conf").read_text().lower()
    assert 'include "/etc/nftables.d/*.nft"' in (server / "etc/nftables.conf").read_text()
    assert not (server / "etc/systemd/system/nginx.service.d").exists()
    assert not (server / "etc/systemd/journald.conf.d").exists()
    assert ["systemctl", "try-restart", "systemd-journald"] in systemd.told, "the distribution's own limit holds again"
    assert ["update-ca-certificates", "--fresh"] in systemd.told, (
        "nobody trusts the institution's authority because of us"
    )


def test_an_emptied_folder_of_drop_ins_goes_and_one_with_a_file_of_the_operator_stays(server):
    drop_ins = server / "etc/systemd/system"
    for name in ("belgenet-beat.service.d", "postgresql@17-belgenet.service.d", "theirs.service.d"):
        (drop_ins / name).mkdir()
    (drop_ins / "belgenet-web@.service.d").mkdir()
    (drop_ins / "belgenet-web@.service.d/own.conf").write_text("[Service]\n")
    (drop_ins / "belgenet-relay.service.d").mkdir()
    systemd = Systemd()
    planned = plan(server, systemd)
    # While somebody is asked whether to go on.
    (drop_ins / "belgenet-relay.service.d/own.conf").write_text("[Service]\n")
    remove(planned, with_data=False, tell=lambda *_a, **_k: None, ask=systemd)
    left = {"belgenet-web@.service.d", "theirs.service.d", "belgenet-relay.service.d"}
    assert {path.name for path in drop_ins.glob("*.d")} == left


def test_keys_that_lie_in_memory_go(server):
    for name in ("belgenet-backup/passphrase", "belgenet-objects/s3.json", "belgenet-server.lock", "theirs/key"):
        (server / "run" / name).parent.mkdir(parents=True, exist_ok=True)
        (server / "run" / name).write_text("secret")

    def stop(words, **_options):
        if words[1] == "disable":
            (server / "run/belgenet-objects/s3.json").unlink()
            (server / "run/belgenet-objects").rmdir()
        return systemd(words)

    systemd = Systemd()
    remove(plan(server, systemd), with_data=False, tell=lambda *_a, **_k: None, ask=stop)
    assert {path.name for path in (server / "run").iterdir()} == {"belgenet-server.lock", "theirs"}


def test_services_of_ours_stop_and_the_distributions_shared_ones_go_on(server):
    systemd = Systemd()
    remove(plan(server, systemd), with_data=False, tell=lambda *_a, **_k: None, ask=systemd)
    (stopped,) = [words[4:] for words in systemd.told if words[1] == "disable"]
    assert stopped == ["belgenet-backup.timer", "belgenet-web@1.service", "prometheus-node-exporter.service"]
    assert ["systemctl", "try-reload-or-restart", "nginx"] in systemd.told


def test_the_data_goes_when_it_is_asked_for(server):
    systemd = Systemd()
    remove(plan(server, systemd), with_data=True, tell=lambda *_a, **_k: None, ask=systemd)
    assert not {*KEPT} & files(server)


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files to another user")
def test_objects_in_a_folder_of_the_operators_choice_go_and_what_others_put_there_stays(server, monkeypatch):
    monkeypatch.setattr(removal.pwd, "getpwnam", {removal.OBJECT_SERVER: SimpleNamespace(pw_uid=12345)}.__getitem__)
    (server / "etc/belgenet/site.yml").write_text("objectstore_folder: /data/objects\n")
    chosen = server / "data/objects"
    for name, owner in (("volumes/1.dat", 12345), ("theirs/kept", 0), ("1.vif", 12345)):
        (chosen / name).parent.mkdir(parents=True, exist_ok=True)
        (chosen / name).write_text("x")
        os.chown(chosen / name.split("/")[0], owner, 0)
    os.chown(chosen, 12345, 0)
    systemd = Systemd()
    remove(plan(server, systemd), with_data=False, tell=lambda *_a, **_k: None, ask=systemd)
    assert (chosen / "volumes/1.dat").exists()
    remove(plan(server, systemd), with_data=True, tell=lambda *_a, **_k: None, ask=systemd)
    assert [str(path.relative_to(chosen)) for path in chosen.rglob("*")] == ["theirs", "theirs/kept"]


def test_nothing_of_the_cluster_is_left_also_not_what_its_own_command_leaves(server):
    cluster = server / "etc/postgresql/17/belgenet"
    for name in ("postgresql.conf", "conf.d/belgenet.conf"):
        (cluster / name).parent.mkdir(parents=True, exist_ok=True)
        (cluster / name).write_text("x")

    def drop(words, **_options):
        if words[0] == "pg_dropcluster":
            assert words[1:] == ["--stop", "17", "belgenet"]
            (cluster / "postgresql.conf").unlink()
        return systemd(words)

    systemd = Systemd()
    remove(plan(server, drop), with_data=False, tell=lambda *_a, **_k: None, ask=drop)
    assert (cluster / "start.conf").read_text() == "manual\n"
    assert (cluster / "postgresql.conf").exists()
    remove(plan(server, drop), with_data=True, tell=lambda *_a, **_k: None, ask=drop)
    assert not cluster.exists()


def test_a_service_that_does_not_stop_keeps_everything(server):
    before, systemd = files(server), Systemd("disable")
    with pytest.raises(CommandError):
        remove(plan(server, systemd), with_data=True, tell=lambda *_a, **_k: None, ask=systemd)
    assert files(server) == before


def test_the_rules_of_before_are_back_and_the_operators_own_stay_in_them(server):
    (server / "etc/nftables.conf.before-belgenet").write_text("#!/usr/sbin/nft -f\n# ssh from the office\n")
    for _ in range(2):
        systemd = Systemd()
        remove(plan(server, systemd), with_data=False, tell=lambda *_a, **_k: None, ask=systemd)
    assert (server / "etc/nftables.conf").read_text().splitlines() == [
        "#!/usr/sbin/nft -f",
        "# ssh from the office",
        'include "/etc/nftables.d/*.nft"',
    ]
    assert not (server / "etc/nftables.conf.before-belgenet").exists()


def test_the_operators_rules_that_need_our_table_take_no_others_along(server):
    rules = server / "etc/nftables.conf"
    systemd, told = Systemd(), []

    def ask(words, **options):
        if words[:2] == ["nft", "--check"] and "nftables.d" in rules.read_text():
            raise CommandError("nft", 1, "No such file or directory; did you mean table")
        return systemd(words, **options)

    remove(plan(server, ask), with_data=False, tell=lambda code, **_params: told.append(code), ask=ask)
    assert "nftables.d" not in rules.read_text()
    assert "own_rules_left_out" in told
    assert ["systemctl", "try-reload-or-restart", "nftables"] in systemd.told


def test_what_was_cut_off_is_finished(server):
    systemd = Systemd("daemon-reload")
    with pytest.raises(CommandError):
        remove(plan(server, systemd), with_data=True, tell=lambda *_a, **_k: None, ask=systemd)
    again = Systemd()
    remove(plan(server, again), with_data=True, tell=lambda *_a, **_k: None, ask=again)
    assert files(server) == {*OTHERS, "etc/nftables.conf", "etc/systemd/system/multi-user.target.wants/theirs.service"}
