"""Where a restoration takes its backup from."""

import pytest
from tests.unit.appliance.restore import LABEL

from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.backup.offsite import Copy
from belgenet.appliance.restore import source
from belgenet.appliance.restore.errors import Exit, RestoreError, exit_code, told
from belgenet.appliance.restore.source import Source
from belgenet.appliance.run import CommandError


class TestSource:
    @pytest.mark.parametrize("address", ["s3:https://s3.example/yedek/okul", "sftp://yedek@nas.example:2222/srv/okul"])
    def test_places_elsewhere_are_taken_as_they_are(self, address: str):
        source = Source.parse(f"{address}/")
        assert (source.folder, source.files) == (None, f"{address}/files")

    def test_a_place_elsewhere_without_the_databases_part_is_told(self):
        source = Source.parse("s3:https://s3.example/yedek")
        source.require_database(LABEL, Copy("id", "", frozenset({LABEL})))
        with pytest.raises(RestoreError) as caught:
            source.require_database(LABEL, None)
        assert exit_code(caught.value) == Exit.DAMAGED
        assert "s3:https://s3.example/yedek/postgres" in str(caught.value)

    def test_an_sftp_server_is_asked_by_ssh_alone_what_keeps_us_out(self, monkeypatch: pytest.MonkeyPatch):
        place = Source.parse("sftp://yedek@nas.example:2222//srv/okul")
        asked = []

        def refuse(words: list[str], **_: object) -> str:
            asked.append(words)
            raise CommandError("ssh", 255, "Host key verification failed.")

        monkeypatch.setattr(source, "run", refuse)
        with pytest.raises(BackupError) as caught:
            place.require_line()
        assert exit_code(caught.value) == Exit.NOT_REACHED
        assert "known_hosts" in told(caught.value, "en")
        assert asked[0][-5:] == ["-p", "2222", "yedek@nas.example", "-s", "sftp"]
        assert "BatchMode=yes" in asked[0]
        assert place.options[-1] == f"sftp.command={' '.join(asked[0])}"

    @pytest.mark.parametrize("address", ["s3:https://s3.example/yedek/okul", "/"])
    def test_others_are_not_asked_by_ssh(self, address: str):
        place = Source(address)
        place.require_line()
        assert "sftp" not in " ".join(place.options)

    def test_a_bucket_must_be_named(self):
        with pytest.raises(RestoreError) as caught:
            Source.parse("s3:https://s3.example")
        assert exit_code(caught.value) == Exit.NO_REPOSITORY
