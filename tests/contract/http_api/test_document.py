"""The committed API document and the client made from it are what the code says."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from belgenet.cli.openapi import openapi

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "clients/api/openapi.json"
CLIENT = ROOT / "clients/api/src/gen/sdk.gen.ts"


def check(path: Path) -> Any:
    """What ``bin/openapi --check`` and ``bin/lint`` ask."""
    return CliRunner().invoke(openapi, ["--check", str(path)])


def test_the_committed_document_is_what_the_operations_say() -> None:
    answer = check(DOCUMENT)
    assert (answer.exit_code, answer.output.strip()) == (0, "the OpenAPI document is up to date")


@pytest.mark.parametrize("part", ["paths", "components"])
def test_a_document_that_is_out_of_date_is_refused(tmp_path: Path, part: str) -> None:
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    document[part].popitem()
    older = tmp_path / "openapi.json"
    older.write_text(json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    answer = check(older)
    assert answer.exit_code == 1
    assert "out of date: run bin/openapi" in answer.output


def test_the_client_has_a_function_for_every_operation() -> None:
    text = CLIENT.read_text(encoding="utf-8")
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    ids = {item["operationId"] for path in document["paths"].values() for item in path.values()}
    assert {name for name in ids if f"export const {name} = " not in text} == set()


def test_the_server_hands_out_the_committed_document(app: Any) -> None:
    assert app.get("/openapi.json").json == json.loads(DOCUMENT.read_text(encoding="utf-8"))
