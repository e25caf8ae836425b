"""The system's Chromium without a window, driven by Playwright; it goes nowhere but loopback."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.support.processes import START_S
from tests.support.requirements import require_program

ARTIFACTS_VARIABLE = "MDMPROXY_ARTIFACTS"
_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


@contextmanager
def chromium_page(*, har: Path | None = None) -> Iterator[Page]:
    """A page of a fresh browser; skips, or fails, where there is none (``chromium``). ``har`` is
    where the browser writes what it asked and got, once it is closed."""
    executable = require_program("chromium")
    # Chromium refuses to sandbox what root runs; the pages here are our own.
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=list(_QUIET), chromium_sandbox=not is_root
        )
        try:
            page = browser.new_page(
                viewport={"width": 1400, "height": 900},
                record_har_path=har,
                record_har_content=None if har is None else "embed",
            )
            page.set_default_timeout(START_S * 1000)
            yield page
            page.context.close()
        finally:
            browser.close()


def artifact_path(name: str, folder: Path) -> Path:
    """Where a picture is kept for people: in ``MDMPROXY_ARTIFACTS`` if set, else ``folder``."""
    chosen = Path(os.environ.get(ARTIFACTS_VARIABLE) or folder)
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen / name
