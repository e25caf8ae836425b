"""The analysis as one self-contained web page, which asks no network for anything."""

from mdmcore.report.html.writer import HtmlWriter, write_html

__all__ = ["HtmlWriter", "write_html"]
