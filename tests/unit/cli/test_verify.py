"""`verify` and `cohort` from the command line, on a home where nothing was installed."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from bootstrap.cli.main import call
from tests.unit.verify.reports import report

VERIFY = ("verify", "--only", "repository")


def written(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    out, _ = capsys.readouterr()
    assert out.count("\n") == 1, "one line"
    return dict(json.loads(out))


def test_a_table_and_its_exit_code(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    assert call(VERIFY) == 1
    out, err = capsys.readouterr()
    assert "failed   repository.cloned" in out
    assert f"a clone in {home}/mlops-zoomcamp" in out, "on one's own screen nothing is hidden"
    assert "blocked by repository.cloned" in out
    assert "failed   repository.cloned" in err, "lines where there is no terminal"


def test_all_forms_at_once(capsys: pytest.CaptureFixture[str], tmp_path: Path, home: Path) -> None:
    files = {name: tmp_path / f"r.{name}" for name in ("report", "html", "junit")}
    options = [word for name, file in files.items() for word in (f"--{name}", str(file))]
    assert call([*VERIFY, "--json", *options]) == 1
    document = written(capsys)
    assert json.loads(files["report"].read_text()) == document
    assert ET.parse(files["junit"]).getroot().get("failures") == "1"
    assert b"repository.cloned" in files["html"].read_bytes()
    for text in (json.dumps(document), *(file.read_text() for file in files.values())):
        assert str(home) not in text
        assert "~/mlops-zoomcamp" in text
    assert document["scope"]["only"] == ["repository"]
    assert document["signature"] is None


def test_signed_and_checked(capsys: pytest.CaptureFixture[str], tmp_path: Path, home: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("0123456789abcdef\n")
    secret.chmod(0o600)
    (tmp_path / "class").mkdir()
    reports = ("--report", str(tmp_path / "class" / "anna.json"))
    assert call([*VERIFY, *reports, "--sign-with", str(secret)]) == 1
    capsys.readouterr()
    cohort = ["cohort", str(tmp_path / "class"), "--json", "--course", "mlops-zoomcamp"]
    assert call([*cohort, "--signed-with", str(secret)]) == 0
    class_ = written(capsys)
    assert [student["signature"] for student in class_["students"]] == ["valid"]
    assert class_["fingerprint_from"] == "lock"
    document = json.loads((tmp_path / "class" / "anna.json").read_text())
    assert class_["fingerprint"] == document["environment"]["wanted"]


@pytest.mark.parametrize("option", ["--report", "--html", "--junit"])
def test_nothing_is_checked_where_the_result_cannot_be_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, option: str
) -> None:
    assert call([*VERIFY, option, str(tmp_path / "gone" / "x")]) == 2
    out, err = capsys.readouterr()
    assert err.startswith("E-OUTPUT")
    assert not out
    assert "repository.cloned" not in err


def test_a_secret_that_others_can_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("0123456789abcdef")
    (tmp_path / "secret").chmod(0o644)
    assert call([*VERIFY, "--sign-with", str(tmp_path / "secret")]) == 2
    assert "E-SIGN-SECRET" in capsys.readouterr().err


def test_a_damaged_report_is_named_and_not_fatal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "anna.json").write_text(json.dumps(report().document()))
    (tmp_path / "bert.json").write_text("{")
    files = [tmp_path / "c.html", tmp_path / "c.csv"]
    assert call(["cohort", str(tmp_path), "--html", str(files[0]), "--csv", str(files[1])]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("1 report of mlops-zoomcamp")
    assert f"W-REPORT-DAMAGED  {tmp_path}/bert.json" in err
    assert b"bert.json" in files[0].read_bytes()
    assert b"anna" in files[1].read_bytes()


def test_a_class_without_a_report(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert call(["cohort", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("E-NO-REPORT")


def test_the_schema_of_reports(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["schema", "--report"]) == 0
    page = Path(__file__).parents[3] / "docs" / "report.schema.json"
    assert capsys.readouterr().out == page.read_text()
