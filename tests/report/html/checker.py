"""Reading a page back by another parser than the browser's: tags in balance, ids, links."""

from __future__ import annotations

from html.parser import HTMLParser

_EMPTY = frozenset({"meta", "link", "input", "img", "br", "hr"})
_SVG_EMPTY = frozenset({"line", "rect", "circle", "path"})


class Page(HTMLParser):
    """What a page is made of. ``text`` is all of it that is not style or script."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.outside: list[str] = []
        self.scripts = 0
        self.handlers: list[str] = []
        self.tags: set[str] = set()
        self._open: list[str] = []
        self._text: list[str] = []
        self.feed(source)
        self.close()
        if self._open:
            self.problems.append(f"not closed: {self._open}")

    @property
    def text(self) -> str:
        return "".join(self._text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._note(tag, attrs)
        if tag not in _EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._note(tag, attrs)
        if tag not in _SVG_EMPTY:
            self.problems.append(f"<{tag}/> is not empty in HTML")

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.problems.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("style", "script"):
            self._text.append(data)

    def _note(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        names = [name for name, _ in attrs]
        self.problems += [f"{tag}: {name} twice" for name in set(names) if names.count(name) > 1]
        self.handlers += [name for name in names if name.startswith("on") or name == "style"]
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src", "action", "data", "poster", "srcset"):
                (self.links if (value or "").startswith("#") else self.outside).append(value or "")
