"""The whole check: texts, exit codes, output for people and for programs."""

import ast
import json
import re
import shutil
import string
import subprocess
import sys
import zipfile
from pathlib import Path

import preflight
import pytest
import yaml
from checks.probe import ERROR, WARNING, Finding

import belgenet

from .server import NOW, Server

PACKAGING = Path(__file__).parents[3] / "packaging"
CHECKS = PACKAGING / "checks"
ANSWERS = "belgenet_domain: belgenet.test\nbelgenet_admin_email: bt@kurum.edu.tr\n"


@pytest.fixture
def server(tmp_path):
    return Server(tmp_path / "root")


@pytest.fixture
def bundle(tmp_path):
    folder = tmp_path / "bundle"
    (folder / "ansible/deploy/group_vars").mkdir(parents=True)
    defaults = "".join(f"belgenet_{name}: x\n" for name in ("domain", "admin_email", "tls_mode", "locale"))
    (folder / "ansible/deploy/group_vars/all.yml").write_text(defaults)
    manifest = {
        "version": "1.1.0",
        "min_upgrade_from": "1.0.0",
        "os": "debian13",
        "arch": "amd64",
        "source_date_epoch": int(NOW) - 1,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture
def check(server, bundle, capsys):
    def run(*words, answers=ANSWERS):
        site = server.write("/etc/belgenet/site.yml", answers)
        code = preflight.main(["--bundle", str(bundle), "--site", str(site), *words], server.probe())
        return code, capsys.readouterr().out

    return run


def made_by_the_checks():
    """code -> names of its values, from the source of the checks."""
    found = {}
    for path in CHECKS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding":
                found.setdefault(node.args[0].value, node)
    return found


@pytest.mark.parametrize("language", ["tr", "en"])
def test_every_finding_has_its_texts_and_no_text_is_left_over(language):
    assert set(preflight.texts(language)) == set(made_by_the_checks())
    assert all(set(text) == {"cause", "cure"} and all(text.values()) for text in preflight.texts(language).values())


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_tell_the_same_facts():
    turkish, english = preflight.texts("tr"), preflight.texts("en")
    for code, text in turkish.items():
        assert fields(text["cause"]) == fields(english[code]["cause"]), code
        assert fields(text["cause"] + text["cure"]) == fields("".join(english[code].values())), code


def test_turkish_is_turkish():
    assert re.search("[çğıöşü]", json.dumps(preflight.texts("tr"), ensure_ascii=False))
    assert not re.search("[çğışü]", json.dumps(preflight.texts("en"), ensure_ascii=False))


def test_a_fit_server(check):
    assert check("--lang", "en") == (0, "The server is fit.\n")
    assert check("--lang", "tr") == (0, "Sunucu kuruluma uygun.\n")


def test_warnings_do_not_refuse(server, check):
    server.remove("/run/systemd/timesync/synchronized")
    code, printed = check("--lang", "en")
    assert code == 0
    assert printed.startswith("WARNING [clock_unsynchronised] ")
    assert printed.endswith("The server is fit.\n")


def test_everything_wrong_is_said_at_once_errors_first(server, check):
    server.remove("/run/systemd/timesync/synchronized")
    server.write("/proc/meminfo", "MemTotal: 1000000 kB\n")
    server.listen(443, 4711)
    server.process(9, "apache2", "apache2.service", 4711)
    server.write("/etc/postgresql/17/main/x", "")
    code, printed = check("--lang", "tr", answers="belgenet_domain: x\n")
    codes = re.findall(r"^(HATA|UYARI) \[(\w+)\]", printed, re.MULTILINE)
    assert code == 14
    assert codes == [
        ("HATA", "memory_low"),
        ("HATA", "port_busy"),
        ("HATA", "foreign_postgres"),
        ("HATA", "domain_invalid"),
        ("HATA", "email_invalid"),
        ("UYARI", "clock_unsynchronised"),
    ]
    assert printed.count("  Çözüm: ") == len(codes)
    assert "apache2 (pid 9, apache2.service)" in printed
    assert "pg_dropcluster --stop 17 main" in printed
    assert printed.endswith("Hiçbir şey değiştirilmedi.\n")


def test_output_for_programs(server, check):
    server.write("/proc/meminfo", "MemTotal: 1000000 kB\n")
    code, printed = check("--json", "--lang", "en")
    assert code == 14
    assert json.loads(printed)["findings"] == [
        {
            "code": "memory_low",
            "severity": "error",
            "cause": "The server has 976 MiB of memory; 2048 MiB is the least.",
            "cure": "Give the server more memory (4 GiB is recommended).",
        }
    ]


def test_another_operating_system_has_its_own_exit_code(server, check):
    server.write("/etc/os-release", "ID=debian\nVERSION_ID=11\n")
    server.write("/proc/meminfo", "MemTotal: 1000000 kB\n")
    assert check("--lang", "en")[0] == 13


@pytest.mark.parametrize(("installed", "code"), [("1.2.0", 15), ("0.9.0", 15), ("1.0.5", 0), ("1.1.0", 0)])
def test_releases_that_may_not_follow_have_their_own_exit_code(server, check, installed, code):
    server.install(installed)
    assert check()[0] == code


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ([], 0),
        ([("memory_tight", WARNING)], 0),
        ([("memory_low", ERROR)], 14),
        ([("memory_low", ERROR), ("downgrade", ERROR)], 15),
        ([("downgrade", ERROR), ("os_unsupported", ERROR)], 13),
    ],
)
def test_exit_codes(findings, code):
    assert preflight.exit_code([Finding(*words) for words in findings]) == code


def test_the_certificate_is_looked_at_only_when_one_is_provided(check):
    assert check(answers=f"{ANSWERS}belgenet_tls_mode: self_signed\n")[0] == 0
    code, printed = check(answers=f"{ANSWERS}belgenet_tls_mode: provided\n")
    assert code == 14
    assert "[certificate_missing]" in printed


def test_the_scanners_memory_is_looked_at_only_when_there_is_to_be_one(check):
    assert check(answers=f"{ANSWERS}belgenet_clamav: false\n")[0] == 0
    code, printed = check(answers=f"{ANSWERS}belgenet_clamav: true\nclamav_server_memory_mb: 9000\n")
    assert code == 14
    assert "[scanner_memory]" in printed
    code, printed = check(answers=f"{ANSWERS}belgenet_clamav: auto\n")
    assert code == 14
    assert "[value_unknown]" in printed


def test_no_answers_at_all(server, bundle, capsys):
    assert preflight.main(["--bundle", str(bundle), "--site", str(server.root / "none")], server.probe()) == 14
    assert "[domain_invalid]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "language"), [("tr_TR.UTF-8", "tr"), ("tr", "tr"), ("en_US.UTF-8", "en"), ("C", "en"), ("", "en")]
)
def test_the_language_is_the_administrators(monkeypatch, name, language):
    for variable in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("LANG", name)
    assert preflight.arguments([]).lang == language


def test_it_needs_nothing_that_is_not_in_the_bundle_and_looks_at_a_real_machine(bundle, tmp_path):
    shutil.copy(PACKAGING / "preflight.py", bundle)
    shutil.copytree(CHECKS, bundle / "checks", ignore=shutil.ignore_patterns("__pycache__"))
    for package, wheel in ((yaml, "pyyaml-6.0-cp313-cp313-linux.whl"), (belgenet, "belgenet-1.1.0-py3-none-any.whl")):
        pack(Path(package.__file__).parent, bundle / "wheels" / wheel)
    site = tmp_path / "site.yml"
    site.write_text("belgenet_domain: [x\n")
    command = [sys.executable, "-I", "-S", "-B", str(bundle / "preflight.py"), "--site", str(site), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in {13, 14}, done.stderr
    assert "answers_unreadable" in {found["code"] for found in json.loads(done.stdout)["findings"]}


def pack(package, wheel):
    """As pip packs it, without what only works unpacked."""
    wheel.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(wheel, "w") as packed:
        for file in package.rglob("*.py"):
            packed.write(file, f"{package.name}/{file.relative_to(package)}")


def test_answers_that_cannot_be_read_are_refused_with_the_line(check):
    code, printed = check("--lang", "en", answers=f"{ANSWERS}belgenet_settings:\n\tmail.host: x\n")
    assert code == 14
    assert printed.startswith("ERROR [answers_unreadable] The answers cannot be read; line 4: found character")


def test_json(check):
    answers = {
        "belgenet_domain": "belgenet.test",
        "belgenet_admin_email": "bt@kurum.edu.tr",
        "belgenet_settings": {"mail.password": "x"},
    }
    code, printed = check("--lang", "en", answers=json.dumps(answers, indent=2))
    assert (code, printed.count("ERROR")) == (14, 1)
    assert "[secret_in_settings]" in printed


def test_wrong_usage():
    with pytest.raises(SystemExit) as stopped:
        preflight.arguments(["--lang", "de"])
    assert stopped.value.code == 2


def test_a_certificate_that_comes_with_the_backup_is_not_looked_for(check):
    provided = f"{ANSWERS}belgenet_tls_mode: provided\n"
    code, printed = check("--lang", "en", answers=provided)
    assert (code, "certificate_missing" in printed) == (14, True)
    assert check("--lang", "en", "--restoring", answers=provided) == (0, "The server is fit.\n")


def test_answers_in_another_encoding_are_refused_with_the_line(server, bundle, capsys):
    site = server.write("/etc/belgenet/site.yml", ANSWERS)
    site.write_bytes(site.read_bytes() + "belgenet_admin_name: Ayşe\n".encode("cp1254"))
    assert preflight.main(["--bundle", str(bundle), "--site", str(site), "--lang", "en"], server.probe()) == 14
    line = ANSWERS.count("\n") + 1
    assert f"[answers_unreadable] The answers cannot be read; line {line}: UTF-8?" in capsys.readouterr().out
