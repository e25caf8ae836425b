"""Names of literals: prefixes, namespaces, and what is no name."""

from __future__ import annotations

from mdmcore.syncml.wbxml import Text, WbxmlAttribute, WbxmlElement
from mdmcore.syncml.wbxml.xml_names import Named, name_element


class Judge:
    """Remembers what was noted and refused."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, message: str, offset: int) -> None:
        self.said.append(message)

    def refuse(self, message: str, offset: int) -> None:
        self.said.append(f"refused: {message}")

    def carried(self, text: str, offset: int) -> str:
        return text


def attribute(name: str, value: str) -> WbxmlAttribute:
    return WbxmlAttribute(name=name, value=(Text(text=value),))


def named(
    name: str, *attributes: WbxmlAttribute, page: str | None = None
) -> tuple[Named, list[str]]:
    judge = Judge()
    element = WbxmlElement(name=name, attributes=attributes)
    return name_element(element, page, "urn:scope", {"q": "urn:q"}, judge), judge.said


def test_a_literal_without_prefix_stands_in_the_scope() -> None:
    found, said = named("a")
    assert (found.name, found.namespace, said) == ("a", "urn:scope", [])


def test_an_attribute_or_a_prefix_gives_another_namespace() -> None:
    assert named("a", attribute("xmlns", "urn:own"))[0].namespace == "urn:own"
    assert named("q:a")[0] == Named(name="a", namespace="urn:q", prefixes={"q": "urn:q"})
    found, _ = named("p:a", attribute("xmlns:p", "urn:p"))
    assert (found.name, found.namespace, found.declared) == ("a", "urn:p", (("p", "urn:p"),))


def test_an_undeclared_prefix_is_noted_and_left_out() -> None:
    found, said = named("r:a")
    assert (found.name, found.namespace) == ("a", "urn:scope")
    assert said == ["prefix 'r' is not declared"]


def test_the_namespace_of_a_token_is_that_of_its_page() -> None:
    found, _ = named("a", attribute("xmlns", "urn:own"), page="urn:page")
    assert (found.namespace, found.attributes) == ("urn:page", ())


def test_prefixes_that_xml_reserves_are_not_declared() -> None:
    for name in ("xmlns:xml", "xmlns:XMLx", "xmlns:", "xmlns:a b"):
        assert named("a", attribute(name, "urn:p"))[0].declared == ()
    assert named("a", attribute("xmlns:p", ""))[0].declared == ()


def test_attributes_keep_their_prefix() -> None:
    found, _ = named("a", attribute("q:b", "1"), attribute("c", "2"), attribute("xml:lang", "de"))
    assert found.attributes == (("q:b", "1"), ("c", "2"), ("xml:lang", "de"))


def test_what_is_no_name_is_refused_and_replaced() -> None:
    found, said = named("a b", attribute("<", "1"))
    assert (found.name, found.attributes) == ("_a_b", (("__", "1"),))
    assert said == ["refused: 'a b' is no name in XML", "refused: '<' is no name in XML"]
