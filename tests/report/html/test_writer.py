"""The page as a whole: self-contained, well made, masked, bounded."""

from __future__ import annotations

import html
from pathlib import Path

import pytest

from mdmcore.http import Exchange
from tests.report.html.checker import Page
from tests.report.html.material import (
    HOSTILE,
    PLANTED,
    SCRIPT,
    UNPRINTABLE,
    capture_of,
    hostile_life,
    page_of,
    right_life,
    secret_life,
    wrong_life,
)

HOSTILE_NAME = f"{HOSTILE}{UNPRINTABLE}.mitm"


@pytest.mark.parametrize(
    ("life", "name"),
    [
        pytest.param(right_life, "right.mitm", id="right"),
        pytest.param(wrong_life, "wrong.mitm", id="wrong"),
        pytest.param(hostile_life, HOSTILE_NAME, id="hostile"),
        pytest.param(secret_life, "secret.mitm", id="secret"),
        pytest.param(list, "empty.mitm", id="empty"),
    ],
)
def test_the_page_is_well_made_and_asks_nobody(tmp_path: Path, life: type, name: str) -> None:
    source = page_of(capture_of(tmp_path, life(), name=name))
    page = Page(source)
    assert page.problems == []
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert page.outside == ["data:,"]
    assert page.handlers == []
    assert page.scripts == 2
    assert not page.tags & {"img", "iframe", "object", "embed", "base", "audio", "video"}
    assert source.startswith("<!DOCTYPE html>")
    assert source.isascii()


def test_the_policy_lets_in_nothing_but_the_pages_own(tmp_path: Path) -> None:
    source = page_of(capture_of(tmp_path, right_life()))
    policy = html.unescape(source.split('-Policy" content="', 1)[1].split('"', 1)[0])
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"].count("sha256-") == 2
    assert "unsafe" not in policy
    assert "http" not in policy


def test_hostile_text_is_text(tmp_path: Path) -> None:
    source = page_of(capture_of(tmp_path, hostile_life(), name=HOSTILE_NAME))
    assert SCRIPT not in source
    assert "<img" not in source
    assert "\u202e" not in source
    assert "49" not in source.split("<title>", 1)[1].split("</title>", 1)[0]
    text = Page(source).text
    assert text.count(SCRIPT) > 10
    assert "\\u202egnp.exe\\u2066" in text
    assert "\\x00\\x1b[31m\\x07\\udcff\\r" in text


def test_no_secret_is_on_the_page(tmp_path: Path) -> None:
    source = page_of(capture_of(tmp_path, secret_life()))
    assert PLANTED not in source
    assert "Secrets are masked" in source
    assert "Secrets are shown" not in source
    assert "<Password>***</Password>" in Page(source).text


def test_secrets_are_shown_below_a_banner_when_asked(tmp_path: Path) -> None:
    source = page_of(capture_of(tmp_path, secret_life()), show_secrets=True)
    assert source.count(PLANTED) > 10
    assert '<p class="secrets" role="note"><b>Secrets are shown.</b>' in source


def test_a_capture_that_broke_says_so(tmp_path: Path) -> None:
    page = Page(page_of(capture_of(tmp_path, wrong_life(), broken=f"cut off {SCRIPT}")))
    assert f"Not read to its end: cut off {SCRIPT} (offset 41)" in page.text


def test_a_page_has_an_end(tmp_path: Path) -> None:
    exchanges = right_life(sessions=4)
    whole = page_of(capture_of(tmp_path, exchanges))
    assert "<pre" in whole
    short = page_of(capture_of(tmp_path, exchanges), max_details=1)
    assert "left out: the page would be too long" in short
    assert len(short) < len(whole) - 20000
    listed = page_of(capture_of(tmp_path, exchanges), max_listed=3)
    assert listed.count('<details class="exchange item"') == 3
    assert f"{len(exchanges) - 3} more exchanges are not listed" in listed


def test_the_spool_may_be_a_file(tmp_path: Path) -> None:
    exchanges: list[Exchange] = right_life(sessions=2)
    small = page_of(capture_of(tmp_path, exchanges), spool_in_memory=1)
    assert small == page_of(capture_of(tmp_path, exchanges))


def test_findings_lead_to_their_exchanges_and_back(tmp_path: Path) -> None:
    source = page_of(capture_of(tmp_path, wrong_life()))
    finding = source.split('id="f1"', 1)[1].split("</details>", 1)[0]
    number = finding.split('href="#x', 1)[1].split('"', 1)[0]
    exchange = source.split(f'id="x{number}"', 1)[1].split("</details>", 1)[0]
    assert 'href="#f1"' in exchange
