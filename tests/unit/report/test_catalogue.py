from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import bootstrap
from bootstrap.core.errors import UsageError
from bootstrap.report import catalogue
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


def test_no_code_is_explained_twice() -> None:
    assert sum(len(part) for part in catalogue.PARTS) == len(catalogue.CATALOGUE)


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
