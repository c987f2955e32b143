"""install.sh and the commands of an installed server: one at a time, and none waits for itself."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from belgenet.appliance.exclusive import Busy, exclusive

INSTALL = Path(__file__).parents[3] / "packaging/install.sh"
TAKES = f"""#!{sys.executable}
import sys
from pathlib import Path
from belgenet.appliance.exclusive import Busy, exclusive
try:
    with exclusive("upgrade", lock=Path({{lock!r}})):
        print("at work")
except Busy as busy:
    print(busy)
    sys.exit(3)
"""

pytestmark = pytest.mark.skipif(not shutil.which("flock"), reason="install.sh is for Debian and its relatives")


@pytest.fixture
def lock(tmp_path):
    return tmp_path / "server.lock"


@pytest.fixture
def sh(lock, tmp_path):
    """Runs lines with the functions of install.sh."""
    programs = tmp_path / "programs"
    for name in ("bin/systemd-run", "venv/bin/belgenet"):
        (programs / name).parent.mkdir(parents=True, exist_ok=True)
        (programs / name).write_text(TAKES.format(lock=str(lock)))
        (programs / name).chmod(0o755)

    def run(lines, language="en"):
        begin = f'source "$1"; server_lock=$2 language={language} base=$3 release=$3 log=log; PATH=$3/bin:$PATH; '
        words = ["bash", "-c", begin + lines, "bash", str(INSTALL), str(lock), str(programs)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    return run


def test_a_command_at_work_is_named(sh, lock):
    with exclusive("backup run", lock=lock):
        code, said = sh("take_server_lock; echo never")
        assert (code, "never" in said) == (4, False)
        assert "at work: belgenet backup run (20" in said
        assert "Sunucuda başka bir komut çalışıyor: belgenet backup run (20" in sh("take_server_lock", "tr")[1]


def test_a_note_that_was_not_finished_names_nobody(sh, lock):
    with exclusive("backup run", lock=lock):
        lock.write_text('{"verb": "ba')
        assert "ERROR: Another command of the server is at work. Wait" in sh("take_server_lock")[1]


def test_commands_are_told_that_an_installation_is_at_work(lock, tmp_path):
    lines = 'source "$1"; server_lock=$2; take_server_lock; echo held; read -r line'
    words = ["bash", "-c", lines, "bash", str(INSTALL), str(lock)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        assert lock.stat().st_mode & 0o777 == 0o600
        with pytest.raises(Busy, match="belgenet install is at work since 20"), exclusive("apply", lock=lock):
            pass
        process.communicate("\n")
    with exclusive("apply", lock=lock):
        pass


def test_the_upgrade_it_hands_over_to_is_not_kept_waiting(sh):
    begin = 'fact() { echo 2.0.0; }; mkdir -p "$base/releases/1.0.0"; ln -s releases/1.0.0 "$base/current"; '
    assert sh(begin + "take_server_lock; hand_over; echo never") == (0, "at work\n")


def test_the_restoration_it_hands_over_to_is_not_kept_waiting(sh):
    code, said = sh("take_server_lock; restore_from=x run_restore")
    assert (code, said.splitlines()[-1]) == (0, "at work")


def test_another_command_that_came_before_the_restoration(sh, lock):
    with exclusive("backup run", lock=lock):
        code, said = sh("restore_from=x run_restore")
    assert (code, "belgenet backup run is at work" in said) == (4, True)


def test_nobody_waits_while_people_are_asked(sh):
    code, said = sh(
        'site=/dev/null; fact() { echo 1; }; answer() { echo x; }; take_server_lock; restore_from=x finish; "$base/bin/systemd-run"'
    )
    assert (code, said.splitlines()[-1]) == (0, "at work")


def test_it_is_taken_before_anything_is_looked_at():
    main = INSTALL.read_text(encoding="utf-8").partition("\nmain() {")[2]
    assert main.index("take_server_lock") < main.index("refuse_unfinished") < main.index("verify_signature")


def test_keys_that_a_killed_run_left_in_memory_go(sh, tmp_path):
    for name in ("belgenet-restore.Ab3dE6", "belgenet-restore", "belgenet-restore.other-one", "theirs.Ab3dE6"):
        (tmp_path / "memory" / name).mkdir(parents=True)
        (tmp_path / "memory" / name / "key").write_text("secret")
    assert sh(f'memory="{tmp_path}/memory"; sweep_memory')[0] == 0
    left = {folder.name for folder in (tmp_path / "memory").iterdir()}
    assert left == {"belgenet-restore", "belgenet-restore.other-one", "theirs.Ab3dE6"}
    main = INSTALL.read_text(encoding="utf-8").partition("\nmain() {")[2]
    assert main.index("take_server_lock") < main.index("sweep_memory") < main.index("look_at_backup")
