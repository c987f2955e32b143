"""What install.sh asks at a terminal: three answers that become site.yml, and whether somebody holds the recovery kit."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

PACKAGING = Path(__file__).parents[3] / "packaging"
KIT = 'release="$1/release" yes="$3"; hand_over_kit'
ANSWERS = "collect_answers; keep_answers"
LATER = "The recovery kit is not confirmed yet. After printing it: sudo belgenet kit confirm"

pytestmark = pytest.mark.skipif(not shutil.which("dpkg"), reason="install.sh is for Debian and its relatives")


@pytest.fixture
def folder(tmp_path):
    """An installer that writes below this folder, instead of into /etc/belgenet and /root."""
    shutil.copytree(PACKAGING / "installer", tmp_path / "installer")
    text = (PACKAGING / "install.sh").read_text(encoding="utf-8")
    for name in ("/etc/belgenet", "/root/"):
        assert name in text
        text = text.replace(name, f"{tmp_path}{name}")
    (tmp_path / "install.sh").write_text(text, encoding="utf-8")
    (tmp_path / "root").mkdir()
    return tmp_path


@pytest.fixture
def run(folder):
    """Run a piece of install.sh. ``typed`` is what comes from the terminal; None: there is no terminal."""

    def run_piece(piece, typed, *, language="en", yes=""):
        script = f'source "$1/install.sh"; language=$2; {piece}'
        words = ["bash", "-c", script, "bash", str(folder), language, yes]
        if typed is None:
            return subprocess.run(
                words, stdin=subprocess.DEVNULL, start_new_session=True, capture_output=True, text=True, check=False
            )
        ours, theirs = os.openpty()
        try:
            # It waits in the terminal, which gives each question one line.
            os.write(ours, typed.encode())
            return subprocess.run(
                ["setsid", "--ctty", *words], stdin=theirs, capture_output=True, text=True, timeout=30, check=False
            )
        finally:
            os.close(ours)
            os.close(theirs)

    return run_piece


def written(folder):
    site = folder / "etc/belgenet/site.yml"
    assert site.stat().st_mode & 0o777 == 0o600
    return yaml.safe_load(site.read_text(encoding="utf-8"))


def test_three_answers_become_the_servers_settings(run, folder):
    done = run(ANSWERS, "okul.example.org\nbt@okul.example.org\nprovided\n")
    assert done.returncode == 0, done.stderr
    assert written(folder) == {
        "belgenet_domain": "okul.example.org",
        "belgenet_admin_email": "bt@okul.example.org",
        "belgenet_tls_mode": "provided",
    }
    assert done.stderr.count(": ") >= 3
    for question in ("Domain (", "The administrator's e-mail address:", "TLS certificate: self_signed (trial)"):
        assert question in done.stderr


def test_enter_takes_the_certificate_for_a_trial_and_questions_are_asked_in_turkish(run, folder):
    done = run(ANSWERS, "okul.example.org\nbt@okul.example.org\n\n", language="tr")
    assert done.returncode == 0, done.stderr
    assert written(folder)["belgenet_tls_mode"] == "self_signed"
    for question in ("Kurumun alan adı (", "Yöneticinin e-posta adresi:", "TLS sertifikası: self_signed (deneme)"):
        assert question in done.stderr


@pytest.mark.parametrize(
    "typed",
    [
        'a"b',
        '"a"',
        r"a\b",
        r"a\n",
        "a\\",
        "it's",
        "''",
        "a: b",
        "a #b",
        "- a",
        "{a",
        "&a",
        "*a",
        "yes",
        "12",
        "$(id)`id`",
        "%s",
        "ığüş",
    ],
)
def test_an_answer_arrives_as_it_was_typed(run, folder, typed):
    done = run(ANSWERS, f"{typed}\n{typed}\n{typed}\n")
    assert done.returncode == 0, done.stderr
    assert written(folder) == dict.fromkeys(("belgenet_domain", "belgenet_admin_email", "belgenet_tls_mode"), typed)


@pytest.mark.parametrize(
    ("typed", "yes"),
    [(None, ""), ("okul.example.org\n\x04", ""), ("a\nb\nc\n", "1")],
    ids=["no terminal", "end of input", "--yes"],
)
def test_without_answers_a_file_is_asked_for(run, folder, typed, yes):
    done = run(f'yes="$3"; {ANSWERS}', typed, yes=yes)
    assert (done.returncode, done.stdout) == (2, "")
    assert "ERROR: No answers: give --answers FILE or write " in done.stderr
    assert "/dev/tty" not in done.stderr
    assert not (folder / "etc").exists()


@pytest.fixture
def belgenet(folder):
    """A stand-in that writes down what it is asked and prints a kit; with ``broken`` it confirms none."""
    program = folder / "release/venv/bin/belgenet"
    program.parent.mkdir(parents=True)
    program.write_text(
        f'#!/bin/sh\necho "$@" >>{folder}/asked\n'
        f'case "$4" in print) : >"$6" ;; confirm) test -t 0 && ! test -e {folder}/broken ;; esac\n'
    )
    program.chmod(0o755)
    return lambda: (folder / "asked").read_text().splitlines()


def test_who_has_printed_the_kit_is_asked_for_it(run, folder, belgenet):
    done = run(KIT, "\n")
    assert done.returncode == 0, done.stderr
    kit = folder / "root/belgenet-recovery-kit.pdf"
    assert belgenet() == [f"kit --lang en print --pdf {kit}", "kit --lang en confirm"]
    assert "Print the kit now, then press Enter (later: s):" in done.stderr
    assert LATER not in done.stdout
    run(KIT, "\n")
    assert belgenet()[2:] == ["kit --lang en confirm"], "a kit that is there is not printed again"


def test_a_kit_that_was_not_confirmed_is_left_for_later(run, folder, belgenet):
    (folder / "broken").touch()
    done = run(KIT, "\n")
    assert (done.returncode, done.stdout) == (0, f"{LATER}\n")
    assert belgenet()[-1] == "kit --lang en confirm"


@pytest.mark.parametrize(
    ("typed", "yes"),
    [("s\n", ""), ("\x04", ""), (None, ""), ("\n", "1")],
    ids=["later", "end of input", "no terminal", "--yes"],
)
def test_who_has_no_time_hears_how_to_confirm_the_kit_later(run, belgenet, typed, yes):
    done = run(KIT, typed, yes=yes)
    assert (done.returncode, done.stdout) == (0, f"{LATER}\n"), done.stderr
    assert [line.split()[3] for line in belgenet()] == ["print"]
    assert ("Print the kit now" in done.stderr) == (typed in {"s\n", "\x04"})


def test_the_kit_in_turkish(run, belgenet):
    done = run(KIT, "s\n", language="tr")
    assert "Kiti şimdi yazdırıp Enter'a basınız (sonraya bırakmak için: s):" in done.stderr
    assert done.stdout == "Kurtarma kiti henüz onaylanmadı. Yazdırdıktan sonra: sudo belgenet kit confirm\n"
    assert belgenet()[0].startswith("kit --lang tr print --pdf ")
