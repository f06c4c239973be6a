import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from bootstrap import __version__
from bootstrap.cli.main import call
from bootstrap.course.locate import shipped_courses
from bootstrap.course.locks import environment_digest, read_conda_lock, read_requirements
from bootstrap.course.requirements import read_vias

SHIPPED = shipped_courses()["mlops-zoomcamp"]
BOTH = ("--platform", "linux-64", "--platform", "linux-aarch64")
A, B, C = "a" * 64, "b" * 64, "c" * 64
PACKAGE = """\
- name: {name}
  version: '{version}'
  manager: conda
  platform: {platform}
  dependencies: {dependencies}
  url: {channel}/{subdir}/{name}-{version}-0.conda
  hash: {{sha256: {sha256}}}
"""


def conda_lock(*packages: dict[str, str]) -> str:
    """A conda-lock file with these packages, over what is the same in all tests."""
    usual = {"version": "1", "dependencies": "{}", "channel": "https://example.org/forge"}
    each = [PACKAGE.format(**{**usual, "sha256": A, **package}) for package in packages]
    return "version: 1\npackage:\n" + "".join(each)


X86 = {"platform": "linux-64", "subdir": "linux-64"}
ARM = {"platform": "linux-aarch64", "subdir": "linux-aarch64"}
PYTHON = {"name": "python", "version": "3.12.13", **X86}


def course_with(folder: Path, conda: str, wheels: str) -> Path:
    """The shipped course with other locks, unpinned."""
    text = re.sub(r"^    sha256: \w{64}\n", "", SHIPPED.read_text(), flags=re.MULTILINE)
    (folder / "course.yml").write_text(text)
    (folder / "conda-lock.yml").write_text(conda)
    (folder / "requirements.txt").write_text(wheels)
    return folder


def sbom(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code = call(["sbom", *arguments])
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


def graph(document: dict[str, Any]) -> dict[str, set[str]]:
    """What needs what, by name; the course is `course`."""

    def name(ref: str) -> str:
        return PackageURL.from_string(ref).name if ref.startswith("pkg:") else "course"

    return {
        name(entry["ref"]): {name(ref) for ref in entry.get("dependsOn", ())}
        for entry in document["dependencies"]
    }


def by_purl(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {component["purl"]: component for component in document["components"]}


def sha256s(part: dict[str, Any]) -> list[str]:
    assert {one["alg"] for one in part.get("hashes", ())} <= {"SHA-256"}
    return [one["content"] for one in part.get("hashes", ())]


def test_the_document_of_the_shipped_course_is_valid_by_the_published_schema(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    text = json.dumps(sbom(capsys, *BOTH))
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(text) is None
    damaged = text.replace('"distribution"', '"distributed"')
    assert validator.validate_str(damaged) is not None


def test_conda_packages_are_those_of_the_lock(capsys: pytest.CaptureFixture[str]) -> None:
    found = by_purl(sbom(capsys, "--format", "cyclonedx-json", *BOTH))
    pins = {
        (pin.name, pin.version, pin.build, pin.subdir): pin
        for platform in ("linux-64", "linux-aarch64")
        for pin in read_conda_lock(SHIPPED.parent / "conda-lock.yml", platform)
    }
    seen = set()
    for text, component in found.items():
        purl = PackageURL.from_string(text)
        if purl.type != "conda":
            continue
        qualifiers = dict(purl.qualifiers)
        key = (purl.name, str(purl.version), qualifiers["build"], qualifiers["subdir"])
        seen.add(key)
        assert (component["name"], component["version"]) == key[:2]
        assert (qualifiers["channel"], qualifiers["type"]) == ("conda-forge", "conda")
        (reference,) = component["externalReferences"]
        assert (reference["type"], reference["url"]) == ("distribution", pins[key].url)
        assert sha256s(component) == sha256s(reference) == [pins[key].sha256]
    assert seen == pins.keys()


def test_wheels_are_those_of_the_lock(capsys: pytest.CaptureFixture[str]) -> None:
    found = by_purl(sbom(capsys, "--platform", "linux-64"))
    pins = read_requirements(SHIPPED.parent / "requirements.txt")
    for pin in pins:
        component = found[f"pkg:pypi/{pin.name}@{pin.version}"]
        files = component.get("externalReferences", [])
        hashes = [*sha256s(component), *(one for file in files for one in sha256s(file))]
        assert sorted(hashes) == sorted(pin.hashes)
        # Several files are no hashes of one thing, and each is named by nothing but its hash.
        assert bool(files) == (len(pin.hashes) > 1)
        for file in files:
            address = urlsplit(file["url"])
            assert (address.scheme, address.netloc) == ("ni", "")
            digits = address.path.removeprefix("/sha-256;")
            assert [base64.urlsafe_b64decode(digits + "=").hex()] == sha256s(file)
    assert sum(text.startswith("pkg:pypi/") for text in found) == len(pins)


def test_the_graph_is_what_the_locks_say(capsys: pytest.CaptureFixture[str]) -> None:
    needs = graph(sbom(capsys, "--platform", "linux-64"))
    pins = read_conda_lock(SHIPPED.parent / "conda-lock.yml", "linux-64")
    names = {pin.name for pin in pins}
    for pin in pins:
        assert needs[pin.name] == {spec.split()[0] for spec in pin.dependencies} & names
    for name, needers in read_vias((SHIPPED.parent / "requirements.txt").read_text()).items():
        for needer in needers:
            assert name in needs["course" if needer.startswith("-r") else needer]
    assert {"python", "mlflow", "prefect"} <= needs["course"]
    assert not {"openssl", "starlette"} & needs["course"]
    assert needs.keys() - {"course"} == names | {
        pin.name for pin in read_requirements(SHIPPED.parent / "requirements.txt")
    }


def test_what_the_document_is_about(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    metadata = sbom(capsys)["metadata"]
    digest = environment_digest(
        SHIPPED.parent / "conda-lock.yml", SHIPPED.parent / "requirements.txt"
    )
    assert metadata["component"]["name"] == "mlops-zoomcamp"
    assert metadata["component"]["version"] == digest
    assert metadata["timestamp"] == "2023-11-14T22:13:20+00:00"
    (tool,) = metadata["tools"]["components"]
    assert (tool["name"], tool["version"]) == ("mlops-bootstrap", __version__)


def test_the_same_locks_give_the_same_bytes(tmp_path: Path) -> None:
    files = [tmp_path / "below" / f"{seed}.json" for seed in (1, 2)]
    for seed, file in enumerate(files):
        argv = [sys.executable, "-m", "bootstrap.cli.main", "sbom", *BOTH, "--output", str(file)]
        environ = {**os.environ, "PYTHONHASHSEED": str(seed)}
        done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert files[0].read_bytes() == files[1].read_bytes()
    assert "timestamp" not in json.loads(files[0].read_text())["metadata"]


def test_a_file_holds_what_stdout_would(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "sbom.json"
    file.write_text("an older one")
    assert call(["sbom", *BOTH, "--output", str(file)]) == 0
    assert capsys.readouterr().out == ""
    assert call(["sbom", *reversed_platforms()]) == 0
    assert capsys.readouterr().out == file.read_text()


def reversed_platforms() -> tuple[str, ...]:
    return ("--platform", "linux-aarch64", *BOTH)


def test_serial_numbers_are_of_what_is_described(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    wheels = f"six==1.17 --hash=sha256:{B}\n"
    own = course_with(tmp_path, conda_lock(PYTHON), wheels)
    numbers = [sbom(capsys, *BOTH)["serialNumber"]]
    numbers += [sbom(capsys, *BOTH[:2])["serialNumber"]]
    numbers += [sbom(capsys, *BOTH[:2], "--course", str(own))["serialNumber"]]
    assert len(set(numbers)) == 3
    assert {UUID(number).version for number in numbers} == {5}


def test_a_lock_for_two_platforms_with_forks(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    conda = conda_lock(
        {**PYTHON, "dependencies": "{tzdata: '', libc: '>=2'}"},
        {**X86, "name": "tzdata", "subdir": "noarch", "sha256": C},
        {**PYTHON, **ARM, "dependencies": "{tzdata: ''}", "sha256": B},
        {**ARM, "name": "tzdata", "subdir": "noarch", "sha256": C},
    )
    wheels = (
        f"app==1 --hash=sha256:{A}\n    # via -r requirements.in\n"
        f"torch==2 ; platform_machine == 'x86_64' --hash=sha256:{A}\n    # via app\n"
        f"torch==2 ; platform_machine == 'aarch64' --hash=sha256:{B}\n    # via app\n"
        f"cuda==1 ; platform_machine == 'x86_64' --hash=sha256:{C}\n    # via torch\n"
        f"both==1 --hash=sha256:{C}\n    # via\n    #   app\n    #   cuda\n"
    )
    course = str(course_with(tmp_path, conda, wheels))

    both = sbom(capsys, "--course", course, *BOTH)
    arm = sbom(capsys, "--course", course, *BOTH[2:])

    purls = by_purl(both)
    assert sum("tzdata" in purl for purl in purls) == 1
    assert sum("conda/python@" in purl for purl in purls) == 2
    torch = purls["pkg:pypi/torch@2"]["externalReferences"]
    assert [sha256s(file) for file in sorted(torch, key=sha256s)] == [[A], [B]]
    assert sha256s(by_purl(arm)["pkg:pypi/torch@2"]) == [B]
    assert graph(both) == {
        "course": {"python", "app"},
        "python": {"tzdata"},
        "tzdata": set(),
        "app": {"torch", "both"},
        "torch": {"cuda"},
        "cuda": {"both"},
        "both": set(),
    }
    assert graph(arm)["app"] == {"torch", "both"}
    assert "cuda" not in graph(arm)


def test_a_lock_that_does_not_say_who_needs_what(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    wheels = f"six==1.17 --hash=sha256:{B}\n"
    course = course_with(tmp_path, conda_lock(PYTHON), wheels)
    document = sbom(capsys, "--course", str(course), "--platform", "linux-64")
    assert graph(document) == {"course": {"python", "six"}, "python": set(), "six": set()}


@pytest.mark.parametrize(
    ("channel", "purl", "url"),
    [
        ("https://me:secret@example.org/a/label/b", "a/label/b", "https://example.org/a/label/b"),
        ("http://127.0.0.1:8080", None, "http://127.0.0.1:8080"),
        (
            "https://example.org/a b%zz/forge",
            "a b%zz/forge",
            "https://example.org/a%20b%25zz/forge",
        ),
    ],
)
def test_where_a_conda_package_lies(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, channel: str, purl: str | None, url: str
) -> None:
    conda = conda_lock({**PYTHON, "channel": channel})
    course = course_with(tmp_path, conda, "")
    document = sbom(capsys, "--course", str(course), "--platform", "linux-64")
    ((text, component),) = by_purl(document).items()
    assert dict(PackageURL.from_string(text).qualifiers).get("channel") == purl
    (reference,) = component["externalReferences"]
    assert reference["url"] == f"{url}/linux-64/python-3.12.13-0.conda"
    assert "secret" not in json.dumps(document)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(document)) is None


@pytest.mark.parametrize(
    ("conda", "wheels", "code"),
    [
        (conda_lock(PYTHON).replace("sha256: a", "sha256: x"), "", "E-LOCK-INVALID"),
        (conda_lock({**PYTHON, "name": "pypy"}), "", "E-LOCK-INVALID"),
        (conda_lock({**PYTHON, "channel": "https://x/#a#"}), "", "E-LOCK-INVALID"),
        (conda_lock({**PYTHON, **ARM}), "", "E-LOCK-PLATFORM"),
        (conda_lock(PYTHON), "six==1.17\n", "E-LOCK-UNPINNED"),
        (conda_lock(PYTHON), f"six==1 ; nonsense --hash=sha256:{A}\n", "E-LOCK-INVALID"),
    ],
)
def test_a_damaged_lock(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, conda: str, wheels: str, code: str
) -> None:
    course = course_with(tmp_path, conda, wheels)
    file = tmp_path / "sbom.json"
    arguments = ["--platform", "linux-64", "--output", str(file)]
    assert call(["sbom", "--course", str(course), *arguments]) == 2
    assert code in capsys.readouterr().err
    assert not file.exists()


def test_an_edited_lock(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for file in SHIPPED.parent.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    lock = tmp_path / "requirements.txt"
    lock.write_text(lock.read_text().replace("aiohttp==3", "aiohttp==4"))
    assert call(["sbom", "--course", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert "E-LOCK-EDITED" in err
    assert out == ""


@pytest.mark.parametrize("value", ["yesterday", "1e9", "99999999999999999999"])
def test_a_moment_that_is_none(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", value)
    assert call(["sbom"]) == 2
    assert "E-VARIABLE" in capsys.readouterr().err


def test_a_folder_is_no_file_to_write(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert call(["sbom", "--output", str(tmp_path)]) == 2
    assert "is a directory" in capsys.readouterr().err


@pytest.mark.parametrize("option", [("--platform", "win-64"), ("--format", "spdx")])
def test_what_is_not_offered(capsys: pytest.CaptureFixture[str], option: tuple[str, str]) -> None:
    assert call(["sbom", *option]) == 2
    assert option[1] in capsys.readouterr().err
