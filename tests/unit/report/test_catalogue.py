from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

import bootstrap
from bootstrap.cli.main import call
from bootstrap.core.errors import UsageError
from bootstrap.report import catalogue
from bootstrap.report.codes.explanation import Explanation
from bootstrap.verify.areas import all_checks

PACKAGE = Path(bootstrap.__file__).parent
CODE = re.compile(r"[EW]-[A-Z0-9-]+")
CHECK = re.compile(r"[a-z]+\.[a-z0-9-]+")
EXPLAINED_IN = PACKAGE / "report" / "codes"


def codes_in_use() -> dict[str, str]:
    """Every code that stands in the package as a string, and a file where it does."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if EXPLAINED_IN in path.parents:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            if CODE.fullmatch(node.value):
                found[node.value] = f"{path.relative_to(PACKAGE.parent)}:{node.lineno}"
    checks = {check.code: "bootstrap/verify/areas" for check in all_checks()}
    return {**found, **codes_of_proofs(), **checks}


def codes_of_proofs() -> dict[str, str]:
    """A proof's code is its service and what went wrong: `api.error("FLOW", ...)`."""
    services = {"tracking": ("MLFLOW",), "orchestration": ("PREFECT",)}
    found = {}
    for path in (PACKAGE / "checks").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            kind = node.args[0]
            is_error = isinstance(node.func, ast.Attribute) and node.func.attr == "error"
            if is_error and isinstance(kind, ast.Constant):
                for service in services.get(path.stem.split("_")[0], ("MLFLOW", "PREFECT")):
                    found[f"E-{service}-{kind.value}"] = f"checks/{path.name}:{node.lineno}"
    return found


def test_every_code_is_explained() -> None:
    missing = [f"{c} ({at})" for c, at in codes_in_use().items() if c not in catalogue.CATALOGUE]
    assert not missing, f"explain these in bootstrap/report/codes: {', '.join(missing)}"


def test_every_explained_code_is_used() -> None:
    unused = sorted(catalogue.CATALOGUE.keys() - codes_in_use().keys())
    assert not unused, f"nothing raises these; remove them: {', '.join(unused)}"


def test_explanations_are_whole() -> None:
    for code, explanation in catalogue.CATALOGUE.items():
        assert CODE.fullmatch(code) or CHECK.fullmatch(code)
        assert explanation.causes, code
        for sentence in (explanation.meaning, explanation.remedy):
            assert sentence.endswith("."), code


def written() -> list[str]:
    """Every code that stands as a key in a module of explanations, as often as it does."""
    trees = [ast.parse(path.read_text()) for path in sorted(EXPLAINED_IN.rglob("*.py"))]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Dict)]
    keys = [key.value for node in nodes for key in node.keys if isinstance(key, ast.Constant)]
    return [key for key in keys if CODE.fullmatch(key) or CHECK.fullmatch(key)]


def twice(codes: Iterable[str]) -> list[str]:
    return sorted(code for code, count in Counter(codes).items() if count > 1)


def test_no_code_is_explained_twice() -> None:
    assert len(written()) > 100
    assert not twice(written()), "the later of two entries would stand for both"
    assert not twice(code for part in catalogue.PARTS.values() for code in part)


def test_two_entries_of_one_code_are_found() -> None:
    other = {"E-LOCKED": Explanation("Something else.", ("x",), "Do that.")}
    parts = [*catalogue.PARTS.values(), other]
    assert twice(code for part in parts for code in part) == ["E-LOCKED"]


def test_every_module_of_explanations_is_in_the_catalogue() -> None:
    assert set(written()) <= catalogue.CATALOGUE.keys()


def test_page_is_current() -> None:
    page = PACKAGE.parent / "docs" / "errors.md"
    assert page.read_text() == catalogue.as_markdown(), (
        "run: python -m bootstrap.report.catalogue > docs/errors.md"
    )


def test_as_text() -> None:
    assert catalogue.as_text("e-locked ") == (
        "E-LOCKED  Another run is under way on this machine; nothing was done.\n"
        "\n"
        "  causes  `mlops-bootstrap up` runs in another terminal, or by another user\n"
        "  remedy  Wait until it ends, or stop it, then run the command again. A lock that is left"
        " behind cannot be: the kernel drops it when its holder ends."
    )


def test_unknown_code_names_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        catalogue.explain("E-DIGETS")
    assert caught.value.code == "E-CODE-UNKNOWN"
    assert "E-DIGEST" in caught.value.remedy
    with pytest.raises(UsageError, match="no code"):
        catalogue.explain("zzz")


def test_how_to_see_it_is_said_on_the_page_and_the_terminal() -> None:
    assert "  to see it  df -h\n" in catalogue.as_text("E-DISK")
    assert "to see it" not in catalogue.as_text("E-LOCKED")
    assert "**To see it:** `df -h`" in catalogue.as_markdown()


def test_a_check_without_a_way_to_see_it_is_seen_by_verify() -> None:
    assert catalogue.how_to_see("repository.cloned") == "mlops-bootstrap verify --only repository"
    bare = Explanation("It is gone.", ("x",), "Do that.")
    assert catalogue.seen("data.parquet", bare) == "mlops-bootstrap verify --only data"
    assert catalogue.seen("E-LOCKED", bare) == ""


def test_explain_without_a_code_lists_each_once_below_what_it_is_about(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call(["explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    listed = [line.split()[0] for line in lines if line.startswith("  ")]
    assert sorted(listed) == sorted(catalogue.CATALOGUE)
    assert lines[0] == "Runs and commands"
    at = lines.index("Checks: repository")
    assert lines[at + 1].startswith("  repository.")


def test_explain_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["explain", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed["kind"] == "explanations"
    assert {one["code"] for one in listed["codes"]} == catalogue.CATALOGUE.keys()
    assert call(["explain", "e-disk", "--json"]) == 0
    one = json.loads(capsys.readouterr().out)
    assert (one["kind"], one["code"], one["see"]) == ("explanation", "E-DISK", "df -h")
    assert call(["explain", "E-DIKS", "--json"]) == 2
    assert capsys.readouterr().out == ""
