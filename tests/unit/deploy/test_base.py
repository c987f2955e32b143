"""Whom the server trusts."""

import pytest
from tests.unit.deploy.roles import task, value

FOLDER = "/usr/local/share/ca-certificates"


def removed(there, *named):
    """Files that go, of those that are there; ``named`` is what the settings say."""
    goes = task("base", "Who is named no longer is trusted no longer")
    found = {"files": [{"path": f"{FOLDER}/{name}"} for name in there]}
    trusted = value(goes["vars"]["base__trusted"], belgenet_trusted_authorities=list(named))
    return value(goes["belgenet_files"]["absent"], base__authorities=found, base__trusted=trusted)


def test_those_that_are_named_stay():
    assert removed(["belgenet-kurum.crt", "belgenet-a.b.crt"], "/root/kurum.pem", "/etc/a.b.crt") == []


@pytest.mark.parametrize("named", [[], ["/root/kurum2.pem"]])
def test_one_that_is_named_no_longer_goes(named):
    assert removed(["belgenet-kurum.crt", "belgenet-kurum2.crt"], *named, "/root/kurum2.pem") == [
        f"{FOLDER}/belgenet-kurum.crt"
    ]


def test_only_ours_are_looked_for():
    looks = task("base", "Authorities that are trusted because of us")["ansible.builtin.find"]
    assert (looks["paths"], looks["patterns"]) == (FOLDER, "belgenet-*.crt")


def test_the_file_is_found_again_under_the_name_it_was_given():
    put = task("base", "Authorities the institution trusts")["ansible.builtin.copy"]["dest"]
    assert put == FOLDER + "/belgenet-{{ item | basename | splitext | first }}.crt"


def test_the_list_of_the_system_is_made_anew_either_way():
    for name in ("Authorities the institution trusts", "Who is named no longer is trusted no longer"):
        assert task("base", name)["notify"] == "Trust authorities"
    assert "--fresh" in task("base", "Trust authorities", "handlers/main.yml")["ansible.builtin.command"]
