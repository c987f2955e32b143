"""What install.sh refuses before it looks at the server: altered bundles, wrong and unknown signatures, other systems."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bundler import sums

VERIFY = "verify_signature; verify_files; verify_system; echo verified"
PACKAGING = Path(__file__).parents[3] / "packaging"


def here_is():
    fields = dict(re.findall(r'^(\w+)="?([^"\n]*)', Path("/etc/os-release").read_text(), re.MULTILINE))
    return fields["ID"] + fields.get("VERSION_ID", "")


pytestmark = pytest.mark.skipif(not shutil.which("dpkg"), reason="install.sh is for Debian and its relatives")


@pytest.fixture(scope="session")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    for name in ("ours", "theirs"):
        sums.make_key(folder / name)
    return folder


def seal(folder, key, **facts):
    sums.write_signers(folder, key)
    arch = subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True).stdout.strip()
    sums.write_manifest(folder, {"version": "1.0.0", "os": here_is(), "arch": arch, "python": "3.13", **facts})
    sums.write_sums(folder)
    sums.sign(folder, key)


@pytest.fixture
def bundle(tmp_path, keys):
    folder = tmp_path / "belgenet 1.0.0"  # a folder may have a blank in its name
    (folder / "wheels").mkdir(parents=True)
    (folder / "wheels/a b.whl").write_text("wheel")
    shutil.copy(PACKAGING / "install.sh", folder)
    shutil.copytree(PACKAGING / "installer", folder / "installer")
    seal(folder, keys / "ours")
    return folder


@pytest.fixture
def verify(bundle, tmp_path):
    def run(*words, language="en"):
        script = 'source "$1/install.sh"; base=$2; shift 2; read_arguments "$@"; ' + VERIFY
        command = [
            "bash",
            "-c",
            script,
            "bash",
            str(bundle),
            str(tmp_path / "opt"),
            "--lang",
            language,
            *map(str, words),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    return run


def fingerprint(key):
    printed = subprocess.run(["ssh-keygen", "-lf", f"{key}.pub"], check=True, capture_output=True, text=True).stdout
    return printed.split()[1]


def test_a_good_bundle_shows_who_signed_it(verify, keys):
    code, printed = verify()
    assert (code, printed.splitlines()[-1]) == (0, "verified")
    assert fingerprint(keys / "ours") in printed


@pytest.mark.parametrize(
    "name", ["wheels/a b.whl", "install.sh", "installer/bundle.sh", "manifest.json", "release-signers"]
)
def test_an_altered_file(bundle, verify, name):
    with (bundle / name).open("a") as file:
        file.write("\n# x\n")
    code, printed = verify()
    assert code in {10, 12} if name == "release-signers" else code == 10
    assert "altered" in printed or "unknown key" in printed


def test_a_missing_file(bundle, verify):
    (bundle / "wheels/a b.whl").unlink()
    code, printed = verify()
    assert code == 10
    assert "a b.whl" in printed


@pytest.mark.parametrize("name", ["SHA256SUMS", "SHA256SUMS.sig", "release-signers", "manifest.json"])
def test_what_the_check_itself_needs_is_missing(bundle, verify, name):
    (bundle / name).unlink()
    code, printed = verify()
    assert code == 10
    assert f"lacks {name}" in printed


@pytest.mark.parametrize("name", ["wheels/evil.whl", "checks/json.py", ".hidden"])
def test_a_file_too_many(bundle, verify, name):
    (bundle / name).parent.mkdir(exist_ok=True)
    (bundle / name).write_text("x")
    code, printed = verify()
    assert code == 10
    assert "not on its list" in printed
    assert name in printed


@pytest.mark.parametrize(
    ("files", "links"), [(5000, 0), (1, 6)], ids=["a release unpacked over another", "links first"]
)
def test_far_too_many_files(bundle, verify, files, links):
    """Whoever lists them must not be ended by whoever shows only the first."""
    for number in range(files):
        (bundle / f"left-over-of-another-release-{number}").touch()
    for number in range(links):
        (bundle / f"link-{number}").symlink_to("/etc/passwd")
    code, printed = verify()
    assert (code, "not on its list" in printed) == (10, True), printed


def test_a_link(bundle, verify):
    (bundle / "link").symlink_to("/etc/passwd")
    assert verify()[0] == 10


def test_a_list_that_was_altered_after_signing(bundle, verify):
    (bundle / "wheels/a b.whl").write_text("other")
    sums.write_sums(bundle)
    code, printed = verify()
    assert code == 11
    assert "signature is wrong" in printed


def test_a_signature_that_is_none(bundle, verify):
    (bundle / "SHA256SUMS.sig").write_text("hello\n")
    assert verify()[0] == 11


def test_a_signature_for_another_purpose(bundle, verify, keys):
    (bundle / "SHA256SUMS.sig").unlink()
    command = ["ssh-keygen", "-Y", "sign", "-q", "-f", keys / "ours", "-n", "file", bundle / "SHA256SUMS"]
    subprocess.run(command, check=True, capture_output=True)
    assert verify()[0] == 11


def test_a_signer_that_the_operator_does_not_know(bundle, verify, keys, tmp_path):
    seal(bundle, keys / "theirs")
    sums.write_signers(tmp_path, keys / "ours")
    code, printed = verify("--signers", tmp_path / "release-signers")
    assert code == 12
    assert fingerprint(keys / "theirs") in printed
    assert verify("--fingerprint", fingerprint(keys / "ours"))[0] == 12


def test_a_signer_that_the_operator_knows(verify, keys, tmp_path):
    sums.write_signers(tmp_path, keys / "ours")
    assert verify("--signers", tmp_path / "release-signers") == (0, "verified\n")
    assert verify("--fingerprint", fingerprint(keys / "ours")) == (0, "verified\n")


def test_the_installed_release_says_who_may_sign_the_next(bundle, verify, keys, tmp_path):
    installed = tmp_path / "opt/current/bundle"
    installed.mkdir(parents=True)
    sums.write_signers(installed, keys / "ours")
    assert verify() == (0, "verified\n")
    seal(bundle, keys / "theirs")
    assert verify()[0] == 12
    assert verify("--fingerprint", fingerprint(keys / "theirs")) == (0, "verified\n")


@pytest.mark.parametrize("facts", [{"os": "debian99"}, {"arch": "m68k"}])
def test_a_bundle_for_another_server(bundle, verify, keys, facts):
    seal(bundle, keys / "ours", **facts)
    code, printed = verify()
    assert code == 13
    assert f"This bundle is for {next(iter(facts.values()))}" in printed


def test_in_turkish(bundle, verify):
    (bundle / "wheels/a b.whl").write_text("other")
    code, printed = verify(language="tr")
    assert code == 10
    assert "HATA: Paketin dosyaları değiştirilmiş" in printed


@pytest.mark.parametrize(
    "words",
    [
        ["--lang", "de"],
        ["--unknown"],
        ["--answers"],
        ["--signers", "/nonexistent"],
        ["--signers", "/dev/null", "--fingerprint", "x"],
        ["--restore-from", "/mnt"],
        ["--restore-from", "/mnt", "--kit", "/nonexistent"],
        ["--restore-from", "/mnt", "--kit", "-", "--answers", "/dev/null"],
        ["--kit", "-"],
        ["--at", "2026-11-22"],
        ["--copy", "1a2b3c4d"],
        ["--list"],
        ["--restore-from", "/mnt", "--kit", "/dev/null", "--copy"],
        ["--accept-missing"],
    ],
)
def test_wrong_usage(verify, words):
    assert verify(*words)[0] == 2


def test_what_is_asked_of_the_backups_goes_to_the_look_and_what_leads_the_database_goes_on(bundle):
    words = ["--restore-from", "/mnt", "--kit", "/dev/null", "--copy", "1a2b", "--at", "2026-11-22", "--list"]
    script = (
        'source "$1/install.sh"; shift; read_arguments "$@"; echo "${restore_words[*]} | ${look_words[*]} | $listing"'
    )
    done = subprocess.run(["bash", "-c", script, "bash", bundle, *words], capture_output=True, text=True, check=True)
    assert done.stdout == "--at 2026-11-22 | --copy 1a2b --list | 1\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="install.sh is for root")
def test_who_only_asks_changes_nothing(bundle):
    looks = (
        "take_server_lock sweep_memory refuse_unfinished work_from_own_place verify_signature verify_files "
        "verify_system find_python flock"
    )
    program = bundle / "install.sh"
    program.write_text(program.read_text().replace("/run/belgenet-install.lock", "/dev/null"))
    script = 'source "$1/install.sh"; '
    script += f'for step in {looks}; do eval "$step() {{ :; }}"; done; look_at_backup() {{ echo looked; }}; '
    script += 'collect_answers() { echo went on; exit 1; }; shift; main "$@"'
    words = ["--restore-from", "/mnt", "--kit", "/dev/null", "--list"]
    done = subprocess.run(["bash", "-c", script, "bash", bundle, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "looked\n"), done.stderr


def test_an_older_or_unfit_outcome_of_the_check_is_passed_on(bundle, tmp_path):
    for code, expected in ((0, 0), (13, 13), (14, 14), (15, 15), (1, 14)):
        script = f'source "$1/install.sh"; language=en wanted=x python=(bash -c "exit {code}"); look_at_server'
        done = subprocess.run(["bash", "-c", script, "bash", bundle], capture_output=True, check=False)
        assert done.returncode == expected


def test_the_manifest_is_read_without_a_json_program(bundle):
    manifest = json.loads((bundle / "manifest.json").read_text())
    for name in ("version", "os", "arch", "python"):
        done = subprocess.run(
            ["bash", "-c", f'source "$1/install.sh"; fact {name}', "bash", bundle],
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == manifest[name]


@pytest.mark.parametrize(
    "text", ["# ours\nbelgenet_domain: 'okul.example' # x\n", '{\n "belgenet_domain": "okul.example"\n}']
)
def test_an_answer_is_read_however_it_is_written(bundle, tmp_path, text):
    (tmp_path / "release/venv/bin").mkdir(parents=True)
    (tmp_path / "release/venv/bin/python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (tmp_path / "release/venv/bin/python").chmod(0o755)
    (tmp_path / "site.yml").write_text(text)
    script = 'source "$1/install.sh"; release=$2/release site=$2/site.yml; answer belgenet_domain; answer belgenet_x'
    done = subprocess.run(["bash", "-c", script, "bash", bundle, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout == "okul.example\n\n"
