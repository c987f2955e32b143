"""A first installation that is killed again and again, at last by a power cut: run once more, it leaves a server that is whole."""

from collections.abc import Iterator

import pytest
import yaml
from tests.appliance.installation import DOMAIN, Installation
from tests.appliance.killing import begin, begin_and_kill
from tests.appliance.machine import machine
from tests.common.waiting import wait_until

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(1800)]

ANSWERS = {
    "belgenet_domain": DOMAIN,
    "belgenet_admin_email": f"bilgiislem@{DOMAIN}",
    "belgenet_tls_mode": "self_signed",
}
NOTED = "ls /var/lib/dpkg/updates/[0-9]* >/dev/null 2>&1"
"""dpkg has noted what it did, and not yet written it into its list."""
AT = {
    "unpacks": f"pgrep -f 'dpk[g] .*--unpack' >/dev/null && test -e /var/lib/dpkg/info/redis-tools.list && {NOTED}",
    "configures": f"pgrep -f 'dpk[g] .*--configure' >/dev/null && {NOTED}",
    "makes the cluster": "pgrep -f 'postgre[s] --boot|init[d]b' >/dev/null",
}
"""What it does when it is killed -> how that is seen, by a shell whose own words do not fit."""
ROLES = "test -e /etc/nginx/sites-available/belgenet"
"""Most roles have done their work, the last ones have not."""


@pytest.fixture(scope="module")
def site(system: str) -> Iterator[Installation]:
    """A bare server with an unpacked bundle."""
    with machine(system) as server:
        server.write("/root/answers.yml", yaml.safe_dump(ANSWERS))
        yield Installation(server, None)  # type: ignore[arg-type] -- nobody outside is asked


def words(site: Installation) -> list[str]:
    return [f"{site.folder}/install.sh", "--answers", "/root/answers.yml", "--yes", "--lang", "en"]


@pytest.mark.parametrize("at", AT)
def test_every_process_of_it_is_killed_while_it(site: Installation, at: str):
    begin_and_kill(site.server, words(site), AT[at])
    if at != "makes the cluster":
        assert site.server.run(NOTED, check=False).returncode == 0, "apt refuses to work now"


@pytest.mark.after("test_every_process_of_it_is_killed_while_it")
def test_the_power_goes_while_the_roles_are_at_work(site: Installation):
    begin(site.server, words(site), ROLES)
    site.server.kill()
    site.server.boot()


@pytest.mark.after("test_the_power_goes_while_the_roles_are_at_work")
def test_run_once_more_it_comes_to_its_end(site: Installation):
    play = site.install()
    assert play.code == 0, play.text[-8000:]
    assert f"https://{DOMAIN}/invitation#token=" in play.text
    assert wait_until(site.whole, 60), site.server.journal(lines=60)
    assert site.server.state() == "running", site.server.run("systemctl --failed --no-pager").stdout
    assert site.server.run("dpkg --audit").stdout == ""


@pytest.mark.after("test_run_once_more_it_comes_to_its_end")
def test_and_then_there_is_nothing_left_to_do(site: Installation):
    play = site.install()
    assert (play.code, play.changed, play.tasks) == (0, 0, []), play.text[-4000:]
