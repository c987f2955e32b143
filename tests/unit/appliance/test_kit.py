"""The recovery kit: what stands on it, how it is read back, and who has shown that they hold it."""

import json
import os
import shutil
import stat
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from belgenet.appliance import places, recovery_key
from belgenet.appliance.kit import confirmation
from belgenet.appliance.kit.facts import Facts, fingerprint
from belgenet.appliance.kit.page import as_pdf, as_text
from belgenet.appliance.kit.reading import read_key
from belgenet.appliance.recovery_key import RecoveryKeyError, make, write
from belgenet.appliance.vault import Vault
from belgenet.cli import kit as command

KEY = write(bytes(range(32)))
FACTS = Facts(
    "okul.example", "1.2.0", "debian13", datetime(2026, 11, 22, tzinfo=UTC), "/var/backups/belgenet", ("sftp:x",), KEY
)
as_root = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("systemd-creds"), reason="sealing needs root and systemd-creds"
)


class TestPage:
    def test_the_text_says_everything_in_both_languages(self):
        text = as_text(FACTS)
        for group in FACTS.groups:
            assert text.count(group) == 2
        for word in ("okul.example", "1.2.0", "Debian 13", "/var/backups/belgenet", "sftp:x", FACTS.fingerprint):
            assert text.count(word) >= 2, word
        assert "22 Kasım 2026" in text
        assert "22 November 2026" in text
        for line in (
            "./install.sh --restore-from /mnt/belgenet --kit -",
            "tar xf /mnt/belgenet/releases/belgenet-1.2.0.tar",
        ):
            assert text.count(line) == 2
        assert max(map(len, text.splitlines())) <= 130

    @pytest.mark.skipif(not shutil.which("pdftotext"), reason="reads the page with poppler")
    def test_the_paper_has_a_page_for_each_language(self, tmp_path: Path):
        file = tmp_path / "kit.pdf"
        file.write_bytes(as_pdf(FACTS))
        pages = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout
        turkish, english = pages.rstrip("\f").split("\f")
        assert "Kurtarma anahtarı" in turkish
        assert "Recovery key" in english
        for page in (turkish, english):
            assert read_key(page) == KEY
            assert FACTS.fingerprint in page

    def test_long_names_still_fit_on_their_page(self):
        long = Facts(
            f"belgenet.{'uzun' * 12}.edu.tr",
            "10.20.30rc1",
            "ubuntu24.04",
            datetime.now(UTC),
            f"/{'klasor/' * 12}",
            (f"s3:https://{'depo' * 12}.example/yedek", f"sftp:yedek@{'depo' * 12}.example:/yedek"),
            make(),
        )
        assert as_pdf(long).startswith(b"%PDF")

    def test_nothing_of_the_operators_is_taken_for_markup(self):
        strange = Facts("<b>&amp;", "1.0", "debian13", datetime.now(UTC), "/b", (), KEY)
        assert as_pdf(strange)
        assert "<b>&amp;" in as_text(strange)

    def test_it_says_so_when_there_is_no_copy_elsewhere(self):
        site = {"belgenet_domain": "okul.example"}
        facts = Facts.of(site, {"version": "1.0", "os": "debian12"}, KEY, Path("/var/backups/belgenet"))
        assert "NONE" in as_text(facts)
        assert "YOK" in as_text(facts)
        assert facts.bundle == "belgenet-1.0"

    def test_fingerprints_tell_keys_apart_and_are_no_password(self):
        assert fingerprint(KEY) == fingerprint(KEY.lower())
        assert fingerprint(KEY) != fingerprint(make())
        digits = fingerprint(KEY).replace(" ", "").lower()
        for purpose in (recovery_key.DATABASE, recovery_key.FILES):
            assert not recovery_key.derive(KEY, purpose).startswith(digits)


class TestReading:
    @pytest.mark.parametrize(
        "text",
        [
            as_text(FACTS),
            KEY,
            KEY.lower().replace("-", " "),
            "\n".join(" ".join(KEY.split("-")[at : at + 7]) for at in (0, 7)),
            f"my notes:\n{KEY}\nkeep it safe\n",
        ],
    )
    def test_a_key_is_found_in_what_people_have(self, text: str):
        assert read_key(text) == KEY

    def test_a_mistyped_group_is_named_also_within_other_words(self):
        wrong = KEY.replace(KEY.split("-")[3], "AAAAA")
        for text in (wrong, f"notes:\n{wrong}\n", as_text(FACTS).replace(KEY.split("-")[3], "AAAAA")):
            with pytest.raises(RecoveryKeyError) as caught:
                read_key(text)
            assert caught.value.params == {"groups": "4"}

    def test_what_holds_no_key_is_told(self):
        with pytest.raises(RecoveryKeyError):
            read_key("This is a letter without any key.\nBest regards\n")


class TestConfirmation:
    def test_two_different_groups_are_asked_for(self):
        seen = set()
        for _ in range(300):
            asked = confirmation.challenge(FACTS.groups)
            assert len(set(asked)) == 2
            assert set(asked) <= set(range(1, 15))
            seen.update(asked)
        assert seen == set(range(1, 15))

    def test_groups_are_read_forgivingly_but_not_another_groups(self):
        for number, group in enumerate(FACTS.groups, start=1):
            assert confirmation.is_right(FACTS.groups, number, f" {group.lower()}\n")
            assert confirmation.is_right(FACTS.groups, number, group.replace("0", "o").replace("1", "l"))
            assert not confirmation.is_right(FACTS.groups, number % 14 + 1, group)
        assert not confirmation.is_right(FACTS.groups, 1, "")

    def test_it_is_remembered_for_this_key_alone(self, tmp_path: Path):
        file = tmp_path / "kit" / "confirmed.json"
        assert confirmation.confirmed("A", file) is None
        made = confirmation.remember("A", file)
        assert confirmation.confirmed("A", file) == made
        assert datetime.fromisoformat(made.at).tzinfo is not None
        assert confirmation.confirmed("B", file) is None
        file.write_text("{}")
        assert confirmation.confirmed("A", file) is None


class TestCommand:
    @pytest.fixture
    def server(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A server with a key, as root sees it."""
        monkeypatch.setattr(places, "VAULT", tmp_path / "vault")
        monkeypatch.setattr(places, "SITE", tmp_path / "site.yml")
        monkeypatch.setattr(places, "CURRENT", tmp_path / "current")
        monkeypatch.setattr(confirmation.remember, "__defaults__", (tmp_path / "confirmed.json",))
        monkeypatch.setattr(confirmation.confirmed, "__defaults__", (tmp_path / "confirmed.json",))
        (tmp_path / "site.yml").write_text("belgenet_domain: okul.example\n")
        (tmp_path / "current/bundle").mkdir(parents=True)
        (tmp_path / "current/bundle/manifest.json").write_text(json.dumps({"version": "1.2.0", "os": "debian13"}))
        return tmp_path

    @pytest.fixture
    def with_key(self, server: Path) -> Path:
        Vault(server / "vault").write(recovery_key.NAME, KEY)
        return server

    @staticmethod
    def run(*words: str, given: str = ""):
        return CliRunner().invoke(command.kit, ["--lang", "en", *words], input=given)

    def test_only_root_gets_it(self, server: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        done = self.run("print")
        assert (done.exit_code, "sudo belgenet kit" in done.output) == (1, True)

    def test_without_a_key_or_a_server_it_says_so(self, server: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        done = self.run("print")
        assert (done.exit_code, "belgenet apply" in done.output) == (2, True)
        (server / "site.yml").unlink()
        assert self.run("print").exit_code == 2

    @as_root
    def test_the_file_is_roots_and_never_written_over(self, with_key: Path):
        file = with_key / "kit.pdf"
        done = self.run("print", "--pdf", str(file))
        assert done.exit_code == 0, done.output
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        before = file.read_bytes()
        assert self.run("print", "--pdf", str(file)).exit_code == 2
        assert file.read_bytes() == before
        assert read_key(self.run("print", "--text").output) == KEY

    @as_root
    def test_who_types_two_groups_back_has_it(self, with_key: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(confirmation, "challenge", lambda _groups: [2, 9])
        assert self.run("status").exit_code == 1
        wrong = self.run("confirm", given="AAAAA\n" * 6)
        assert (wrong.exit_code, "not confirmed" in wrong.output) == (1, True)
        assert self.run("status").exit_code == 1
        done = self.run("confirm", given=f"AAAAA\n{FACTS.groups[1].lower()}\n{FACTS.groups[8]}\n")
        assert done.exit_code == 0, done.output
        status = self.run("status")
        assert (status.exit_code, FACTS.fingerprint in status.output) == (0, True)
        Vault(with_key / "vault").write(recovery_key.NAME, make())
        assert self.run("status").exit_code == 1, "a kit with the old key opens nothing that comes"
