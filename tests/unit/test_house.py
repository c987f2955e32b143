"""The house rules that no linter knows: which rooms a domain has, who may look into whose, how big a room may grow."""

import ast
from pathlib import Path

import belgenet

ROOT = Path(belgenet.__file__).parent
DOMAINS = ("tenancy", "accounts", "files", "notifications", "admin", "certificates", "commerce", "academy", "kurban")
LARGEST_FILE = 500


def modules(*parts: str) -> list[tuple[str, Path]]:
    """``(dotted name, path)`` of all modules below a package."""
    base = ROOT.joinpath(*parts)
    return [
        (".".join(("belgenet", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__"), path)
        for path in sorted(base.rglob("*.py"))
    ]


def imports(path: Path) -> set[str]:
    """Dotted names a module imports, ``from x import y`` as both ``x`` and ``x.y``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def rooms(name: str) -> list[str]:
    return name.split(".")[2:]


def test_no_file_outgrows_the_house() -> None:
    too_big = {
        name: lines
        for name, path in modules()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LARGEST_FILE
    }
    assert too_big == {}


def test_services_never_see_a_request() -> None:
    guilty = []
    for domain in DOMAINS:
        for name, path in modules(domain):
            if "services" not in rooms(name) and "models" not in rooms(name):
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"))
            arguments = {
                arg.arg
                for node in ast.walk(tree)
                if isinstance(node, ast.arguments)
                for arg in node.args + node.kwonlyargs
            }
            if "request" in arguments or any(item.startswith("pyramid") for item in imports(path)):
                guilty.append(name)
    assert guilty == []


def test_models_know_no_services_and_no_views() -> None:
    guilty = [
        (name, item)
        for domain in DOMAINS
        for name, path in modules(domain)
        if "models" in rooms(name)
        for item in imports(path)
        if item.startswith("belgenet.") and {"services", "views", "tasks"} & set(item.split("."))
    ]
    assert guilty == []


def test_views_do_not_query() -> None:
    guilty = []
    for domain in DOMAINS:
        for name, path in modules(domain):
            if not any(room.endswith("views") for room in rooms(name)):
                continue
            if any(item.startswith("sqlalchemy") for item in imports(path)):
                guilty.append(name)
    assert guilty == []


def test_a_domain_reaches_another_only_through_its_interfaces() -> None:
    open_rooms = {"interfaces", "events"}
    guilty = []
    for domain in DOMAINS:
        for name, path in modules(domain):
            for item in imports(path):
                parts = item.split(".")
                if (
                    len(parts) < 3
                    or parts[0] != "belgenet"
                    or parts[1] not in DOMAINS
                    or parts[1] in {domain, "tenancy"}
                ):
                    continue
                if not open_rooms & set(parts[2:]):
                    guilty.append((name, item))
    assert guilty == []


def test_product_code_prints_nothing_and_leaves_no_notes() -> None:
    for name, path in modules():
        text = path.read_text(encoding="utf-8")
        assert not any(word in text for word in ("TODO", "FIXME", "XXX", 'NotImplementedError("')), name
