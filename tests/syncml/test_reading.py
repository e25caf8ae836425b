"""Places, namespaces and bounds while an element tree is walked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.errors import DeviceFault, ServerFault
from mdmcore.namespaces import SYNCML_12
from mdmcore.syncml import reading
from mdmcore.syncml.reading import Reader, numbered
from mdmcore.syncml.xml import parse_syncml
from mdmcore.xml import iter_elements, parse_strict, path_of
from tests.syncml.messages import document


def reader(*, strict: bool = True) -> Reader:
    return Reader(namespace=SYNCML_12, strict=strict, fault=ServerFault)


def get(data: str) -> bytes:
    return f'<Get xmlns="SYNCML:SYNCML1.2">{data}</Get>'.encode()


@given(st.lists(st.sampled_from(["<a/>", "<b/>", "<c xmlns=''/>"]), max_size=8))
def test_places_are_those_of_path_of(parts: list[str]) -> None:
    root = parse_strict(get("".join(parts)))
    found = [(element, place) for element, place in numbered(root, "/Get")]
    assert [place for _, place in found] == [path_of(element) for element, _ in found]
    assert [element for element, _ in found] == list(iter_elements(root))[1:]


def test_numbering_one_name_passes_over_others() -> None:
    root = parse_strict(get("<Item/><Meta/><Item/>"))
    places = [place for _, place in numbered(root, "/Get", "Item")]
    assert places == ["/Get/Item[1]", "/Get/Item[2]"]


def test_text_is_trimmed_and_absence_kept_apart_from_emptiness() -> None:
    root = parse_strict(get("<CmdID>\n 7\t</CmdID><Data/>"))
    assert reader().text(root, "CmdID", "/Get") == "7"
    assert reader().text(root, "Data", "/Get") == ""
    assert reader().text(root, "Meta", "/Get") is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "CmdID is missing"),
        ("<CmdID> </CmdID>", "CmdID is empty"),
        ("<CmdID>1</CmdID><CmdID>2</CmdID>", "CmdID stands 2 times"),
        ('<CmdID xmlns="x">1</CmdID>', "CmdID is in namespace 'x'"),
    ],
)
def test_strict_refuses_what_lenient_remembers(content: str, message: str) -> None:
    root = parse_strict(get(content))
    with pytest.raises(ServerFault, match=message) as caught:
        reader().required_text(root, "CmdID", "/Get")
    assert caught.value.place.startswith("/Get")
    lenient = reader(strict=False)
    lenient.required_text(root, "CmdID", "/Get")
    assert [problem.message for problem in lenient.problems] == [message]


def test_a_foreign_namespace_is_remembered_with_its_place() -> None:
    root = parse_strict(get('<Data xmlns="x">1</Data>'))
    lenient = reader(strict=False)
    assert lenient.text(root, "Data", "/Get") == "1"
    (found,) = lenient.foreign
    assert (found.name, found.namespace, found.expected, found.place) == (
        "Data",
        "x",
        SYNCML_12,
        "/Get/Data",
    )


def test_what_is_remembered_is_bounded() -> None:
    lenient = reader(strict=False)
    root = parse_strict(get(""))
    for _ in range(1000):
        lenient.note("again", "/Get")
        lenient.note_foreign(root, "x", "/Get")
    assert (len(lenient.problems), len(lenient.foreign)) == (100, 100)


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    ("bound", "value", "body", "message"),
    [
        ("MAX_COMMANDS", 3, "<Get/>" * 4, "more than 3 commands"),
        ("MAX_COMMANDS", 3, "<Atomic><Get/><Get/><Get/></Atomic>", "more than 3 commands"),
        ("MAX_ITEMS", 3, "<Get><Item/><Item/></Get>" * 2, "more than 3 items"),
        ("MAX_ELEMENTS", 20, "<Get><a/></Get>" * 9, "more than 20 elements"),
    ],
)
def test_an_oversized_message_is_refused(
    monkeypatch: pytest.MonkeyPatch, strict: bool, bound: str, value: int, body: str, message: str
) -> None:
    monkeypatch.setattr(reading, bound, value)
    with pytest.raises(DeviceFault, match=message) as caught:
        parse_syncml(document(body), strict=strict)
    assert caught.value.place.startswith("/SyncML")


def test_a_message_at_the_bounds_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_COMMANDS", 2)
    monkeypatch.setattr(reading, "MAX_ITEMS", 2)
    monkeypatch.setattr(reading, "MAX_ELEMENTS", 15)
    message = parse_syncml(document("<Get><Item/></Get>" * 2))
    assert len(message.commands) == 2


def test_elements_that_would_grow_without_end_are_refused() -> None:
    """Kept apart from the message they write its long namespace again each time."""
    uri = "urn:" + "a" * 20_000
    data = document(f'<Foo xmlns:p="{uri}"><Bar>{"<p:a/>" * 1000}</Bar></Foo>')
    for strict in (True, False):
        with pytest.raises(DeviceFault, match="more than 16777216 characters"):
            parse_syncml(data, strict=strict)
