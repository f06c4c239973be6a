"""The pages of a report and of a class in a real browser: they work, and anybody can use them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from bootstrap.cohort.cohort import cohort
from bootstrap.cohort.collect import Entry, LeftOut
from bootstrap.report.pages.page import cohort_page, report_page
from bootstrap.verify.signature import Signed
from tests.unit.verify.reports import ALL, BLOCKED, FAILED, NUMPY, check, report

pytestmark = pytest.mark.timeout(300)

PHONE, DESKTOP = 390, 1280
EVIL = "<script>document.title='taken'</script>"
LONG = "x" * 300


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    assert program, "scripts/test installs it"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A report and a class, with what is odd: markup, long words, many names."""
    odd = check("tools.odd", "failed", found=EVIL + LONG, wanted=LONG, remedy=f"rm {LONG}\nls")
    one = report(*ALL, odd, check("data.model", seconds=12.0), drift=(NUMPY,))
    many = {f"student-{n:02}": report(FAILED, check("tools.git")) for n in range(12)}
    many |= {
        "fine": report(check("tools.git"), check(FAILED.code), seconds=9.5),
        EVIL: report(BLOCKED, odd, fingerprint="aa" * 32, drift=(NUMPY,)),
        LONG: report(*ALL, partial=True, fingerprint=""),
    }
    entries = [Entry(n, n, made, Signed.INVALID) for n, made in many.items()]
    class_ = cohort(entries, [LeftOut(f"{LONG}.json", "W-REPORT-DAMAGED", EVIL)])
    folder = tmp_path_factory.mktemp("pages")
    files = {"report": folder / "report.html", "cohort": folder / "cohort.html"}
    files["report"].write_bytes(report_page(one.document()))
    files["cohort"].write_bytes(cohort_page(class_))
    return files


def opened(browser: Browser, file: Path, width: int = DESKTOP, **options: Any) -> Page:
    """The page, after it was seen that nothing failed and nothing was fetched."""
    page = browser.new_page(viewport={"width": width, "height": 800}, **options)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert not said
    assert {url for url in asked if not url.startswith("data:")} == {file.as_uri()}
    return page


def codes(page: Page) -> list[str]:
    """What the rows of the first table are about, as far as they are to be seen."""
    return page.locator("table").first.locator("tbody tr:visible .code").all_inner_texts()


@pytest.mark.parametrize("name", ["report", "cohort"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_anybody_can_use_it(
    browser: Browser, pages: dict[str, Path], name: str, scheme: str, width: int
) -> None:
    page = opened(browser, pages[name], width, color_scheme=scheme)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.close()


@pytest.mark.parametrize("name", ["report", "cohort"])
@pytest.mark.parametrize("javascript", [True, False])
def test_a_phone_scrolls_down_only(
    browser: Browser, pages: dict[str, Path], name: str, *, javascript: bool
) -> None:
    page = opened(browser, pages[name], PHONE, java_script_enabled=javascript)
    whole = page.locator("html").bounding_box()
    assert whole
    assert whole["width"] == PHONE
    page.mouse.wheel(500, 0)
    for place in page.locator("h1, main > section, .code, .remedy").all():
        if (box := place.bounding_box()) is not None:
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= PHONE
    if javascript:
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE
    page.close()


def test_the_schemes_differ(browser: Browser, pages: dict[str, Path]) -> None:
    colours = set()
    for scheme in ("light", "dark"):
        page = opened(browser, pages["report"], color_scheme=scheme)
        colours.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.close()
    assert len(colours) == 2


def test_sorting_by_mouse_and_keyboard(browser: Browser, pages: dict[str, Path]) -> None:
    page = opened(browser, pages["report"])
    assert codes(page)[0] == "tools.docker-group", "what failed comes first"
    page.get_by_role("button", name="Check").click()
    assert codes(page) == sorted(codes(page))
    head = page.get_by_role("columnheader", name="Time")
    page.get_by_role("button", name="Time").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert codes(page)[-1] == "data.model"
    page.keyboard.press("Space")
    assert head.get_attribute("aria-sort") == "descending"
    assert codes(page)[0] == "data.model"
    page.close()


def test_filters(browser: Browser, pages: dict[str, Path]) -> None:
    page = opened(browser, pages["report"])
    everything = codes(page)
    page.get_by_role("button", name="2 failed").click()
    assert codes(page) == ["tools.docker-group", "tools.odd"]
    assert page.get_by_role("status").inner_text() == "2 of 7 shown"
    page.get_by_role("searchbox").fill("GROUP newgrp")
    assert codes(page) == ["tools.docker-group"]
    page.get_by_role("button", name="2 failed").press("Enter")
    page.get_by_role("searchbox").fill("")
    assert codes(page) == everything
    assert page.get_by_role("status").inner_text() == ""
    page.close()


def test_every_control_is_reached_by_the_tab_key(browser: Browser, pages: dict[str, Path]) -> None:
    page = opened(browser, pages["report"])
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.outerHTML"))
    controls = page.locator("button:visible, input:visible")
    assert {control.evaluate("e => e.outerHTML") for control in controls.all()} <= reached
    page.close()


def test_the_class_is_sorted_filtered_and_unfolded(
    browser: Browser, pages: dict[str, Path]
) -> None:
    page = opened(browser, pages["cohort"])
    assert codes(page)[0] == FAILED.code
    assert page.get_by_text("13 of 14").count() == 1
    unfolded = page.get_by_text("student-11").first
    assert not unfolded.is_visible()
    page.locator("summary").first.press("Enter")
    assert unfolded.is_visible()
    students = page.locator("table").nth(1)
    students.get_by_role("button", name="Time").click()
    assert students.locator("tbody tr .code").last.inner_text() == "fine"
    page.get_by_role("searchbox", name="Filter students").fill("numpy")
    assert students.locator("tbody tr:visible .code").all_inner_texts() == [EVIL]
    page.close()


@pytest.mark.parametrize("name", ["report", "cohort"])
def test_without_javascript_all_of_it_can_be_read(
    browser: Browser, pages: dict[str, Path], name: str
) -> None:
    page = opened(browser, pages[name], java_script_enabled=False)
    text = page.locator("body").inner_text()
    assert all(word in text for word in (FAILED.code, EVIL, "numpy"))
    assert page.get_by_role("searchbox").count() == 0, "no control that does nothing"
    page.close()


@pytest.mark.parametrize("name", ["report", "cohort"])
def test_markup_in_a_report_is_text(browser: Browser, pages: dict[str, Path], name: str) -> None:
    page = opened(browser, pages[name])
    assert page.title() != "taken"
    assert EVIL in page.locator("body").inner_text()
    assert page.locator("script").count() == 1
    page.close()


def test_a_remedy_is_copied_as_it_is(browser: Browser, pages: dict[str, Path]) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(pages["report"].as_uri())
    page.get_by_role("button", name="Copy sudo usermod").click()
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == FAILED.remedy
    context.close()
