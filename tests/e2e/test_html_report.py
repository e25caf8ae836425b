"""The page of ``analyze --format html`` in a real browser: it works, it asks nobody, and what was
captured stays text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from mdmcore.cli.main import run
from tests.report.html.emulated import emulated_week
from tests.report.html.material import (
    HOSTILE,
    SCRIPT,
    capture_of,
    hostile_life,
    page_of,
    wrong_life,
)
from tests.support.chromium import artifact_path, chromium_page
from tests.support.requirements import shared_file

pytestmark = pytest.mark.e2e

WIDTHS = (360, 390, 768, 1440, 1600)
SHOWN = ".item:not([hidden])"


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    with chromium_page() as page:
        yield page


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three captures: an emulated phone, a device with many mistakes, one that is hostile."""
    folder = tmp_path_factory.mktemp("report")
    lives = {"phone.mitm": emulated_week(folder, days=3), "wrong.mitm": wrong_life()}
    lives[f"{HOSTILE}.mitm"] = hostile_life()
    captures = []
    for number, (name, exchanges) in enumerate(lives.items()):
        (folder / str(number)).mkdir()
        captures.append(capture_of(folder / str(number), exchanges, name=name, broken=SCRIPT))
    target = folder / "report.html"
    target.write_text(page_of(*captures))
    return target


class Visit:
    """A page that was opened anew; what it asked for, what it complained about."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page = page
        self.path = path
        self.asked: list[str] = []
        self.said: list[str] = []
        self.total = path.read_text().count('<details class="exchange ')

    def open(self, fragment: str = "") -> Page:
        self.page.goto("about:blank")
        self.asked.clear()
        self.page.goto(f"{self.path.as_uri()}{fragment}")
        return self.page

    def count(self, kind: str) -> int:
        return self.page.locator(f".{kind}{SHOWN}").count()


@pytest.fixture
def visit(browser_page: Page, report: Path) -> Iterator[Visit]:
    """The report at 1440 pixels. At the end nothing may have been asked for, said, or let in."""
    page = browser_page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(media="screen", color_scheme="light")
    found = Visit(page, report)

    def answer(route: Route) -> None:
        found.asked.append(route.request.url)
        if route.request.url.startswith(report.as_uri()):
            route.continue_()
        else:
            route.abort()

    page.route("**/*", answer)

    def dismiss(dialog: Dialog) -> None:
        found.said.append(dialog.message)
        dialog.dismiss()

    listeners: dict[str, Any] = {
        "console": lambda message: found.said.append(message.text),
        "pageerror": lambda error: found.said.append(str(error)),
        "dialog": dismiss,
    }
    for event, listener in listeners.items():
        page.on(event, listener)  # type: ignore[call-overload]
    found.open()
    yield found
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    page.unroute("**/*")
    assert found.said == []
    assert [url.split("#")[0] for url in found.asked] == [report.as_uri()] * len(found.asked)
    assert len(found.asked) <= 1


def search(page: Page, text: str) -> None:
    page.fill("#q", text)
    page.press("#q", "Enter")


def test_the_filter_shows_what_fits_and_counts_it(visit: Visit) -> None:
    page = visit.page
    findings, exchanges = visit.count("finding"), visit.count("exchange")
    assert exchanges == visit.total
    said = page.locator("#count")
    assert (
        said.inner_text()
        == f"{findings} of {findings} findings, {exchanges} of {exchanges} exchanges"
    )
    page.locator(".chip.error").click()
    errors = visit.count("finding")
    assert 0 < errors < findings
    assert page.locator(".finding.warning:not([hidden])").count() == 0
    page.select_option("#kind", "getpolicies")
    assert visit.count("exchange") == 1
    page.click("#clear")
    page.select_option("#life", "life-2")
    assert page.locator(".life:not([hidden])").count() == 1
    assert {each.get_attribute("data-life") for each in page.locator(SHOWN).all()} == {"life-2"}
    page.click("#clear")
    page.select_option("#rule", "xml-not-wellformed")
    assert (visit.count("finding"), visit.count("exchange")) == (1, 1)
    page.click("#clear")
    assert visit.count("exchange") == visit.total


def test_search_finds_highlights_and_says_when_nothing_fits(visit: Visit) -> None:
    page = visit.page
    page.fill("#q", "GetPoliciesResponse")
    expect(page.locator(f".exchange{SHOWN}")).to_have_count(1)
    assert page.evaluate("CSS.highlights.get('search').size") > 2
    page.fill("#q", "nowhere to be found")
    expect(page.locator(f".exchange{SHOWN}")).to_have_count(0)
    assert page.get_by_text("No exchange fits the filter.").is_visible()
    assert page.get_by_text("No finding fits the filter.").is_visible()
    assert page.locator("h3.capture:not([hidden])").count() == 0
    page.fill("#q", SCRIPT)
    expect(page.locator(f".exchange{SHOWN}")).to_have_count(4)


def test_the_state_is_in_the_address(visit: Visit) -> None:
    page = visit.page
    page.locator(".chip.warning").click()
    page.select_option("#kind", "syncml")
    search(page, "Alert")
    shown = visit.count("exchange")
    address = page.url
    assert "severity=warning" in address
    assert "kind=syncml" in address
    assert "q=Alert" in address
    visit.open(f"#{address.split('#')[1]}")
    assert page.input_value("#q") == "Alert"
    assert page.is_checked("input[value=warning]")
    assert visit.count("exchange") == shown
    visit.open("#severity=nonsense&kind=%3Cb%3E&life=x&q=")
    assert visit.count("exchange") == visit.total


def test_links_open_what_they_lead_to(visit: Visit) -> None:
    page = visit.page
    page.locator("#f1 .places a").first.click()
    opened = page.locator(".exchange.target")
    assert opened.get_attribute("open") is not None
    number = opened.get_attribute("id")
    assert f"at={number}" in page.url
    assert page.evaluate("document.activeElement.parentElement.id") == number
    opened.locator(".marks a").first.click()
    assert page.locator(".finding.target").get_attribute("id") == "f1"
    page.go_back()
    expect(page.locator(".target")).to_have_attribute("id", number or "")
    page.locator("#life-2 .diagram > summary").click()
    arrow = page.locator("#life-2 .sequence .arrow.error").first
    arrow.locator("text").first.click()
    assert page.locator(".exchange.target").get_attribute("id") == (
        arrow.get_attribute("href") or ""
    ).removeprefix("#")
    visit.open("#x9")
    assert page.locator("#x9").get_attribute("open") is not None


def test_an_exchange_has_both_forms_side_by_side_or_below_each_other(visit: Visit) -> None:
    page = visit.page
    page.locator("#x4 > summary").click()
    raw, meaning = page.locator("#x4 .raw").first, page.locator("#x4 .meaning").first
    assert "BinarySecurityToken" in raw.inner_text()
    assert "<wsse:Password" in raw.inner_text()
    assert "***" in raw.inner_text()
    assert "pass & word" not in page.content()
    assert "CSR" in meaning.inner_text()
    wide = raw.bounding_box(), meaning.bounding_box()
    assert wide[0] is not None
    assert wide[1] is not None
    assert wide[1]["x"] > wide[0]["x"] + wide[0]["width"] - 1
    page.set_viewport_size({"width": 390, "height": 900})
    narrow = raw.bounding_box(), meaning.bounding_box()
    assert narrow[0] is not None
    assert narrow[1] is not None
    assert narrow[1]["y"] >= narrow[0]["y"] + narrow[0]["height"]


def test_keys_move_open_and_help(visit: Visit) -> None:
    page = visit.page
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("jk?/")
    assert page.input_value("#q") == "jk?/"
    page.fill("#q", "")
    page.keyboard.press("Escape")
    expect(page.locator(f".exchange{SHOWN}")).to_have_count(visit.total)
    focused = "(document.activeElement.closest('.item') || {}).id"
    page.keyboard.press("f")
    first = page.evaluate(focused)
    page.keyboard.press("j")
    second = page.evaluate(focused)
    assert first.startswith("f")
    assert second != first
    page.keyboard.press("k")
    assert page.evaluate(focused) == first
    page.locator("#x1 > summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("#x1").get_attribute("open") is not None
    page.keyboard.press("Space")
    assert page.locator("#x1").get_attribute("open") is None
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(outline) == "solid"
    page.keyboard.press("e")
    assert page.locator(".exchange[open]").count() == visit.total
    page.keyboard.press("e")
    assert page.locator(".exchange[open]").count() == 0
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#help").is_visible()
    page.locator(".chip.error").click()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Escape")
    assert visit.count("exchange") == visit.total


def test_a_finding_is_copied_as_markdown(visit: Visit) -> None:
    page = visit.page
    text = page.locator("#ticket1").text_content() or ""
    assert text.startswith("**error: ")
    page.evaluate(
        "() => { window.copied = []; document.addEventListener('copy',"
        " () => window.copied.push(document.activeElement.value)); }"
    )
    for clipboard in ("undefined", "{writeText: () => Promise.reject(new Error('no'))}"):
        page.evaluate(
            f"Object.defineProperty(navigator, 'clipboard',"
            f" {{value: {clipboard}, configurable: true}})"
        )
        page.locator("#f1 .copy").click()
        expect(page.locator("#said")).to_have_text("Copied as Markdown")
        assert page.evaluate("window.copied.splice(0)") == [text]
        page.evaluate("document.getElementById('said').textContent = ''")
    page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', {configurable: true, value:"
        " {writeText: async (text) => { window.copied.push(text); }}})"
    )
    page.locator("#f1 .copy").click()
    expect(page.locator("#said")).to_have_text("Copied as Markdown")
    assert page.evaluate("window.copied") == [text]


def test_where_nothing_can_be_copied_the_text_is_there_to_select(visit: Visit) -> None:
    page = visit.page
    page.evaluate(
        "() => { Object.defineProperty(navigator, 'clipboard', {value: undefined});"
        " document.execCommand = () => false; }"
    )
    page.locator("#f1 .copy").click()
    page.locator("#ticket1").wait_for(state="visible")
    assert page.evaluate("getSelection().toString()").startswith("**error: ")


def test_colours_follow_the_system_until_they_are_chosen(visit: Visit) -> None:
    page = visit.page
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(background)
    assert light != dark
    page.click("#theme")
    assert page.evaluate(background) == light
    visit.open()
    assert page.evaluate(background) == light
    page.keyboard.press("t")
    page.emulate_media(color_scheme="light")
    assert page.evaluate(background) == dark
    page.click("#theme")
    assert page.evaluate(background) == light


CONTRASTS = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => v / 255).map(
      (v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const low = new Set();
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || element.closest("svg, select, dialog, script, [hidden]")) continue;
    if (!element.checkVisibility()) continue;
    let back = element;
    let colour = parse(getComputedStyle(back).backgroundColor);
    while (colour.length === 4 && colour[3] === 0 && back.parentElement) {
      back = back.parentElement;
      colour = parse(getComputedStyle(back).backgroundColor);
    }
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(colour)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.add(`${element.className} ${ratio.toFixed(2)}`);
  }
  return [...low];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_contrast(visit: Visit, scheme: str) -> None:
    page = visit.page
    page.evaluate("localStorage.clear()")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    visit.open("#x4")
    page.locator(".chip.error").click()
    page.locator(".chip.warning").click()
    assert page.evaluate(CONTRASTS) == []


def test_nothing_is_wider_than_the_window(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    page.keyboard.press("e")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.screenshot(path=artifact_path(f"html-report-{width}.png", tmp_path))


def test_hostile_text_stays_text(visit: Visit) -> None:
    page = visit.page
    page.keyboard.press("e")
    assert page.locator("script").count() == 2
    assert page.locator("img").count() == 0
    assert page.evaluate(
        "[...document.querySelectorAll('*')].every((one) => [...one.attributes]"
        ".every((each) => !each.name.startsWith('on')))"
    )
    shown = page.locator("main").inner_text()
    assert shown.count(SCRIPT) > 10
    assert "49gnp" not in shown
    assert "\u202e" not in page.content()


def test_nothing_else_is_let_run(browser_page: Page, report: Path) -> None:
    page = browser_page
    page.goto(report.as_uri())
    page.evaluate(
        "() => { const one = document.createElement('script'); one.textContent = 'window.ran = 1';"
        " document.body.append(one); document.body.setAttribute('onclick', 'window.ran = 2');"
        " document.body.click(); const image = new Image(); image.src = 'http://127.0.0.1:9/x'; }"
    )
    assert page.evaluate("window.ran") is None


def test_print_has_all_and_no_controls(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.locator("#filter").is_visible()
    assert not page.locator("#theme").is_visible()
    assert not page.locator(".copy").first.is_visible()
    assert page.locator("#x4 .raw").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    document = page.pdf(path=artifact_path("html-report.pdf", tmp_path), format="A4")
    assert document.startswith(b"%PDF")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("#x4").get_attribute("open") is None


def test_it_can_be_read_without_its_script(browser_page: Page, report: Path) -> None:
    browser = browser_page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(report.as_uri())
        assert not page.locator("#filter").is_visible()
        assert page.locator("#f1 .fix").is_visible()
        page.locator("#x4 > summary").click()
        assert page.locator("#x4 .raw").first.is_visible()
        assert page.locator("#timeline svg").first.is_visible()
        page.locator(".diagram > summary").first.click()
        assert page.locator(".sequence").first.is_visible()
    finally:
        context.close()


def test_a_real_log_becomes_a_page(browser_page: Page, tmp_path: Path) -> None:
    log = str(shared_file("captures", "win10-enrollment-log.md"))
    target = tmp_path / "page.html"
    assert run(["analyze", log, "--format", "html", "-o", str(target)]) == 1
    browser_page.goto(target.as_uri())
    assert "errors\n4\n" in browser_page.locator(".summary").inner_text()
    assert browser_page.locator(".exchange").count() == 6
    assert browser_page.locator(".finding").count() == 10
