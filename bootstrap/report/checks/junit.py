"""A report as JUnit XML: a suite an area, a case a check, as CI systems read it."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from typing import Any

from bootstrap.report import clean

NOT_XML = re.compile("[\ufffe\uffff]")
"""What XML 1.0 forbids and cleaning leaves (its production Char)."""


def junit(report: Mapping[str, Any]) -> bytes:
    """The XML document of a report, given as its JSON object."""
    checks: Sequence[Mapping[str, Any]] = report["checks"]
    whole = ET.Element("testsuites", {"name": "mlops-bootstrap verify", **_counted(checks)})
    whole.set("time", f"{report['seconds']:.3f}")
    for area, of_area in itertools.groupby(checks, key=lambda check: str(check["area"])):
        cases = list(of_area)
        suite = ET.SubElement(whole, "testsuite", {"name": _text(area), **_counted(cases)})
        suite.set("time", f"{sum(case['seconds'] for case in cases):.3f}")
        suite.set("timestamp", _text(report["when"]))
        _add_properties(suite, report)
        for case in cases:
            _add_case(suite, case)
    ET.indent(whole)
    document: bytes = ET.tostring(whole, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _counted(checks: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    outcomes = [check["outcome"] for check in checks]
    left_out = outcomes.count("skipped") + outcomes.count("blocked")
    return {
        "tests": str(len(checks)),
        "failures": str(outcomes.count("failed")),
        "errors": "0",
        "skipped": str(left_out),
    }


def _add_properties(suite: ET.Element, report: Mapping[str, Any]) -> None:
    found = {
        "course": report["course"]["name"],
        "lock": report["course"]["lock"],
        "fingerprint": report["environment"]["fingerprint"],
        "runtime": report["runtime"],
        "mlops-bootstrap": report["tool"],
    }
    properties = ET.SubElement(suite, "properties")
    for name, value in found.items():
        ET.SubElement(properties, "property", {"name": name, "value": _text(value)})


def _add_case(suite: ET.Element, check: Mapping[str, Any]) -> None:
    """What is blocked was not tried, so it counts as skipped; a warning is output of a success."""
    case = ET.SubElement(
        suite,
        "testcase",
        {
            "classname": _text(check["area"]),
            "name": _text(check["code"]),
            "time": f"{check['seconds']:.3f}",
        },
    )
    found = _text(check["found"])
    advice = "\n".join(
        f"{name}: {_text(check[name])}" for name in ("found", "wanted", "remedy") if check[name]
    )
    match check["outcome"]:
        case "failed":
            kind = _text(check["error"] or check["code"])
            ET.SubElement(case, "failure", {"message": found, "type": kind}).text = advice
        case "blocked" | "skipped":
            ET.SubElement(case, "skipped", {"message": found})
        case "warning":
            ET.SubElement(case, "system-out").text = f"warning\n{advice}"
        case _:
            ET.SubElement(case, "system-out").text = found


def _text(value: object) -> str:
    return NOT_XML.sub("", "\n".join(clean.lines(str(value))))
