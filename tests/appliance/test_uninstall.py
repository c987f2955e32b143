"""Taking the product off a server leaves what people gave to it; installing again brings all back; only when told so it is gone."""

from collections.abc import Iterator

import pytest
from tests.appliance import own
from tests.appliance.conftest import Another
from tests.appliance.errands import administrator, numbers
from tests.appliance.installation import Installation
from tests.appliance.ports import answering
from tests.common.waiting import wait_until

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(900)]
DROP_IN = "/etc/systemd/system/belgenet-beat.service.d"
OURS = "find /etc /usr/local /opt /run -path /etc/belgenet -prune -o -path /etc/postgresql -prune -o -name '*belgenet*' -print"


@pytest.fixture(scope="module")
def leaving(another: Another) -> Iterator[Installation]:
    with another() as site:
        told = site.story("donor")
        assert told.returncode == 0, f"{told.stdout}\n{told.stderr}"
        yield site


def test_a_look_changes_nothing(leaving: Installation):
    own.plant(leaving)
    said = leaving.server.run(["belgenet", "uninstall", "--check", "--lang", "tr"]).stdout
    assert "kalır: /var/lib/belgenet" in said
    assert f"kalır: {DROP_IN}/override.conf\n" in said
    assert leaving.alive()


def test_who_writes_another_domain_changes_nothing(leaving: Installation):
    refused = leaving.server.run(["belgenet", "uninstall"], input="baska.example\n", check=False)
    assert refused.returncode == 1
    assert leaving.alive()


def test_it_goes_and_comes_back_with_everything(leaving: Installation):
    server = leaving.server
    before = numbers(leaving)
    server.run(["belgenet", "uninstall", "--yes"])
    assert answering(server.address) == {22}
    assert server.run(OURS).stdout.split() == [DROP_IN]
    assert server.run("systemctl list-units --all --plain --no-legend 'belgenet*'").stdout == ""
    server.stop()
    server.boot()
    assert server.state() == "running", server.run("systemctl --failed --no-pager").stdout
    play = leaving.install()
    assert play.code == 0, play.text[-6000:]
    assert wait_until(leaving.whole, 60)
    assert own.effects(leaving) == own.EFFECTS
    assert numbers(leaving) == before
    told = leaving.story("donor")
    assert told.returncode == 0, f"{told.stdout}\n{told.stderr}"


def test_told_so_it_takes_the_data_along(leaving: Installation):
    server = leaving.server
    with administrator(leaving, "vakif"):
        server.run(["belgenet", "uninstall", "--yes", "--delete-data"])
    left = server.run("ls -d /etc/belgenet /var/lib/belgenet /var/log/belgenet /var/lib/redis/belgenet-* "
                      "/etc/postgresql/*/belgenet /var/lib/postgresql/*/belgenet", check=False).stdout  # fmt: skip
    assert left == ""
