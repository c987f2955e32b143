"""With a scanner on the server: what it finds is refused, and what it cannot look at is not let in."""

import hashlib
import uuid
from collections.abc import Iterator

import httpx
import pytest
import yaml
from tests.appliance.conftest import Another
from tests.appliance.errands import administrator
from tests.appliance.installation import Installation
from tests.common.samples import png
from tests.common.waiting import wait_until

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(600)]
ROLES = "--only clamav --only app"
"""Those that know of a scanner."""
APPLY = f"belgenet apply {ROLES}"
DRIFT = f"belgenet drift {ROLES} --lang en"
COMES = ("clamav : ClamAV", "/etc/systemd/system/belgenet-clamd.service", "belgenet-clamd.service", "app : Settings")
"""Named by a look before the packages are there."""
BAD = png(7, 7)
SIGNATURE = f"{hashlib.md5(BAD, usedforsecurity=False).hexdigest()}:{len(BAD)}:Deneme.Zararli\n"


@pytest.fixture(scope="module")
def scanned(another: Another) -> Iterator[Installation]:
    with another() as site:
        site.server.write("/srv/signatures/local.hdb", SIGNATURE)
        said = yaml.safe_load(site.server.read("/etc/belgenet/site.yml"))
        said |= {
            "belgenet_clamav": True,
            "belgenet_clamav_updates": False,
            "belgenet_clamav_signatures": "/srv/signatures",
        }
        site.server.write("/etc/belgenet/site.yml", yaml.safe_dump(said))
        looked = site.server.run(DRIFT, check=False)
        assert looked.returncode == 1, looked.stdout + looked.stderr  # 2: a look that needs what is not there yet
        assert [what for what in COMES if what not in looked.stdout] == [], looked.stdout
        site.server.run(APPLY)
        assert wait_until(site.whole, 60), site.server.journal(lines=60)
        yield site


def upload(site: Installation, content: bytes) -> httpx.Response:
    with administrator(site, "vakif") as browser:
        headers = {"Authorization": f"Bearer {browser.token}", "Idempotency-Key": str(uuid.uuid4())}
        form = {"file": ("resim.png", content, "image/png")}
        address = f"{browser.address}/api/v1/files/upload?purpose=attachment"
        return browser.send("POST", address, headers=headers, files=form)


def test_what_it_finds_is_refused_and_the_rest_is_let_in(scanned: Installation):
    found = upload(scanned, BAD)
    assert (found.status_code, found.json()["code"]) == (422, "file_infected"), found.text
    assert upload(scanned, png(8, 8)).status_code == 201


def test_while_it_is_off_nothing_is_let_in_unseen_and_later_it_is(scanned: Installation):
    scanned.server.run("systemctl stop belgenet-clamd")
    refused = upload(scanned, png(9, 9))
    assert refused.status_code == 503, refused.text
    assert refused.headers["Retry-After"]
    scanned.server.run("systemctl start belgenet-clamd")
    assert wait_until(lambda: upload(scanned, png(9, 9)).status_code == 201, 60)


def test_killed_it_comes_back_and_the_upload_waits_for_it(scanned: Installation):
    scanned.server.run("systemctl kill --kill-whom=main -s KILL belgenet-clamd")
    assert upload(scanned, png(10, 10)).status_code == 201


def test_a_second_run_changes_nothing_and_it_is_sandboxed(scanned: Installation):
    said = scanned.server.run(APPLY).stdout
    assert said == "nothing had to be changed\n"
    exposed = scanned.server.run(["systemd-analyze", "security", "--no-pager", "belgenet-clamd"]).stdout
    assert float(exposed.rsplit("belgenet-clamd.service: ")[-1].split()[0]) <= 2.0
