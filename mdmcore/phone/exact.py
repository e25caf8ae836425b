"""Reading an answer as the device reads it: exact names, exact namespaces, URIs as they stand.

An element that is missing by one blank is missing; the refusal quotes the near miss, because that
is what the person behind the server cannot see. Not for requests, and not for lenient reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mdmcore.phone.refusal import Refusal, Step
from mdmcore.xml import Element, children, local_name, namespace_of, path_of, text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """An element of an answer, and the step that reads it."""

    element: Element
    step: Step

    @property
    def place(self) -> str:
        """XPath of local names, to be shown."""
        return path_of(self.element)

    @property
    def text(self) -> str:
        """The text without blanks around it: for names, numbers and base64."""
        return text_of(self.element)

    @property
    def raw_text(self) -> str:
        """The text as it stands: for URIs, which are compared character by character."""
        return "".join(str(part) for part in self.element.itertext())

    def all(self, namespace: str, name: str) -> Iterator[Exact]:
        """Child elements of exactly that name and namespace."""
        for element in children(self.element, name):
            if namespace_of(element) == namespace:
                yield Exact(element=element, step=self.step)

    def find(self, namespace: str, *names: str) -> Exact | None:
        """Follow a path of names, all in one namespace; ``None`` where one is missing."""
        current: Exact | None = self
        for name in names:
            if current is None:
                return None
            current = next(current.all(namespace, name), None)
        return current

    def need(self, namespace: str, *names: str) -> Exact:
        """As ``find``; Refusal where one is missing, with the near miss as evidence."""
        current = self
        for name in names:
            found = next(current.all(namespace, name), None)
            if found is None:
                raise current._missing(namespace, name)
            current = found
        return current

    def attribute(self, name: str, *namespaces: str) -> str | None:
        """An attribute by local name, without namespace or in one of those given."""
        for key in (name, *(f"{{{namespace}}}{name}" for namespace in namespaces)):
            value = self.element.get(key)
            if value is not None:
                return str(value)
        return None

    def refuse(self, reason: str, evidence: str = "", *, hresult: int | None = None) -> Refusal:
        """The refusal to raise for something wrong at this element."""
        return Refusal(reason, step=self.step, place=self.place, evidence=evidence, hresult=hresult)

    def _missing(self, namespace: str, name: str) -> Refusal:
        for element in children(self.element):
            if local_name(element).lower() == name.lower():
                return Refusal(
                    f"no element {name} in namespace {namespace!r}, "
                    f"but {local_name(element)} in {namespace_of(element)!r}",
                    step=self.step,
                    place=path_of(element),
                    evidence=namespace_of(element),
                )
        there = ", ".join(local_name(element) for element in children(self.element)) or "nothing"
        return Refusal(
            f"no element {name} in namespace {namespace!r}",
            step=self.step,
            place=f"{self.place}/{name}",
            evidence=there,
        )


def need_uri(found: Exact, expected: str) -> None:
    """Refusal unless the element's text is that URI, character by character."""
    if found.raw_text == expected:
        return
    near = " but for blanks around it" if found.text == expected else ""
    raise found.refuse(f"is not {expected!r}{near}", found.raw_text)
