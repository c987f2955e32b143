"""The tree that the product's wheel is built from."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from bundler import product
from bundler.run import BuildError


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "tree"
    for name in ("src/a.py", "src/run.sh", "src/ignored.log", "docs/x.md", ".gitignore"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("*.log\n")
    (root / "src/run.sh").chmod(0o775)
    git(root, "init", "-q")
    git(root, "add", ".")
    git(
        root,
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@y.test",
        "commit",
        "-qm",
        "x",
        "--date=@1",
        env={"GIT_COMMITTER_DATE": "@1700000000 +0300"},
    )
    return root


def git(root, *words, env=None):
    subprocess.run(
        ["git", "-C", root, *words], check=True, capture_output=True, env={"PATH": "/usr/bin:/bin", **(env or {})}
    )


def test_the_time_of_everything_is_the_commits(tree):
    assert product.commit_time(tree) == 1_700_000_000


def test_a_tree_that_holds_more_than_its_commit_says_so(tree):
    clean = product.commit_name(tree)
    assert len(clean) == 40
    (tree / "src/b.py").write_text("new")
    assert product.commit_name(tree) == f"{clean}-dirty"


def test_a_release_is_made_of_what_was_committed(tree):
    product.refuse_uncommitted(tree)
    (tree / "src/a.py").write_text("changed")
    (tree / "src/new file.py").write_text("new")
    with pytest.raises(BuildError, match=r"src/a\.py, src/new file\.py"):
        product.refuse_uncommitted(tree)


@pytest.mark.parametrize(
    ("words", "built"), [(["--key", "k"], False), (["--key", "k", "--allow-dirty"], True), ([], True)]
)
def test_only_a_key_that_is_kept_asks_for_a_commit(tree, monkeypatch, words, built):
    build = load_recipe()
    (tree / "src/a.py").write_text("changed")
    made = []
    monkeypatch.setattr(build, "ROOT", tree)
    monkeypatch.setattr(build, "build", lambda *_: made.append(1))
    monkeypatch.setattr(sys, "argv", ["bundle", "--os", "debian13", *words])
    assert build.main() == (0 if built else 1)
    assert bool(made) == built


def load_recipe():
    """packaging/build.py; there is a package of that name."""
    spec = importlib.util.spec_from_file_location("recipe", Path(product.__file__).parents[1] / "build.py")
    recipe = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = recipe  # where dataclasses look
    spec.loader.exec_module(recipe)
    return recipe


def test_which_files_are_taken(tree):
    (tree / "src/b.py").write_text("new")
    assert [str(path) for path in product.tracked(tree, "src")] == ["src/a.py", "src/b.py", "src/run.sh"]


def test_a_file_that_was_deleted_is_not_looked_for(tree):
    (tree / "src/a.py").unlink()
    assert [str(path) for path in product.tracked(tree, "src")] == ["src/run.sh"]


def test_of_the_rights_only_the_execute_bit_is_kept(tree, tmp_path):
    (tree / "src/a.py").chmod(0o600)
    product.copy(tree, product.tracked(tree, "src"), tmp_path / "copy")
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "copy/src").iterdir()}
    assert modes == {"a.py": 0o644, "run.sh": 0o755}
