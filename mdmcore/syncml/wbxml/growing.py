"""Elements and contents while their document is being read, before they become values."""

from __future__ import annotations

from mdmcore.syncml.wbxml.tree import Content, Text, WbxmlAttribute, WbxmlElement


class Parts:
    """Content in the making: texts in a row become one."""

    def __init__(self) -> None:
        self._parts: list[Content] = []
        self._texts: list[str] = []
        self._text_offset = 0

    def add(self, part: Content) -> None:
        """Anything but text."""
        self._flush()
        self._parts.append(part)

    def add_text(self, text: str, offset: int) -> None:
        """A text, or more of it."""
        if not self._texts:
            self._text_offset = offset
        self._texts.append(text)

    def all(self) -> tuple[Content, ...]:
        """What was added; empty texts are not there."""
        self._flush()
        return tuple(self._parts)

    def _flush(self) -> None:
        text = "".join(self._texts)
        self._texts.clear()
        if text:
            self._parts.append(Text(text=text, offset=self._text_offset))


class OpenElement:
    """An element whose END has not come yet."""

    def __init__(
        self, name: str, page: int | None, attributes: tuple[WbxmlAttribute, ...], offset: int
    ) -> None:
        self.name = name
        self.page = page
        self.parts = Parts()
        self._attributes = attributes
        self._offset = offset

    def close(self) -> WbxmlElement:
        """The element with what it holds now."""
        return WbxmlElement(
            name=self.name,
            page=self.page,
            attributes=self._attributes,
            content=self.parts.all(),
            offset=self._offset,
        )
