"""The zip to attach to a ticket: a redacted capture, what is found in it, and what it all is."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import BinaryIO, TextIO

from mdmcore.capture import Capture
from mdmcore.capture.redact import Tally
from mdmcore.inspector import Inspector
from mdmcore.report.analysis import Analysis, analyze
from mdmcore.report.bundle_text import findings_markdown, read_me
from mdmcore.report.json import write_json
from mdmcore.report.text import write_text

CAPTURE = "capture.mitm"
_WIDTH = 140
_HTML = "mdmcore.report.html"
_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What goes into it. ``capture`` is redacted, ``inspector`` makes one for each report."""

    capture: Capture
    inspector: Callable[[], Inspector]
    tally: Tally
    version: str

    def write(self, out: BinaryIO) -> None:
        """Write the archive; ``out`` stays open."""
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            with (
                self.capture.path.open("rb") as flows,
                archive.open(_entry(CAPTURE), "w", force_zip64=True) as member,
            ):
                while chunk := flows.read(1024 * 1024):
                    member.write(chunk)
            report = io.BytesIO()
            write_json(report, self._analysis())
            archive.writestr(_entry("analysis.json"), report.getvalue())
            analysis = self._analysis()
            text = io.StringIO()
            write_text(text, analysis, width=_WIDTH, colour=False)
            archive.writestr(_entry("analysis.txt"), text.getvalue())
            archive.writestr(_entry("analysis.md"), findings_markdown(analysis.findings))
            page = self._page()
            if page is not None:
                archive.writestr(_entry("analysis.html"), page)
            archive.writestr(_entry("replaced.json"), json.dumps(self.tally.fields(), indent=1))
            words = read_me(analysis, self.tally, version=self.version, has_page=page is not None)
            archive.writestr(_entry("README.txt"), words)

    def _analysis(self) -> Analysis:
        return analyze([self.capture], inspector=self.inspector())

    def _page(self) -> str | None:
        """The report as a web page, where this version of mdmproxy writes one."""
        if find_spec(_HTML) is None:
            return None
        write_html: Callable[[TextIO, Analysis], None] = import_module(_HTML).write_html
        page = io.StringIO()
        write_html(page, self._analysis())
        return page.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    """A member without the time of its making, which tells nothing here."""
    entry = zipfile.ZipInfo(name, _TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
