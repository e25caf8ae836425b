"""Rules on the Action of answers (enrollment.md 3.2 and 3.3); of the phase discovery-wab-policy."""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.enrollment.soap import attribute
from mdmcore.namespaces import (
    ACTION_DISCOVER_RESPONSE,
    ACTION_GET_POLICIES_RESPONSE,
    ACTION_RSTRC,
    ADDRESSING,
)
from mdmcore.rules.decoded import SOAP_KINDS, BodySide, Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.xml import Element, children, local_name, namespace_of, path_of, text_of

_ACTIONS = {
    Kind.DISCOVER: ACTION_DISCOVER_RESPONSE,
    Kind.GETPOLICIES: ACTION_GET_POLICIES_RESPONSE,
    Kind.RST: ACTION_RSTRC,
    Kind.RENEW: ACTION_RSTRC,
}


@rule("action-not-addressing", kinds=SOAP_KINDS)
def not_addressing(scene: Scene) -> Iterator[Hit]:
    """Action of the answer is outside the WS-Addressing namespace or not marked mustUnderstand, so
    the device may refuse the answer. Write a:Action with s:mustUnderstand="1"."""
    element = _action_element(scene.decoded.response)
    if element is None:
        return
    namespace = namespace_of(element)
    if namespace.strip() != ADDRESSING:
        yield scene.hit(
            f"Action is in {f'namespace {namespace!r}' if namespace else 'no namespace'}, "
            f"not in {ADDRESSING!r}",
            part="response",
            xpath=path_of(element),
            evidence=namespace,
        )
    elif attribute(element, "mustUnderstand").strip() not in ("1", "true"):
        yield scene.hit(
            "Action is not marked mustUnderstand",
            part="response",
            xpath=f"{path_of(element)}/@mustUnderstand",
            evidence=attribute(element, "mustUnderstand"),
        )


@rule("action-value-wrong", kinds=SOAP_KINDS)
def value_wrong(scene: Scene) -> Iterator[Hit]:
    """Action of the answer is not the one of that step, so the device refuses the answer. Send the
    action that belongs to the answer: DiscoverResponse, GetPoliciesResponse or RSTRC/wstep."""
    answer, expected = scene.decoded.answer, _ACTIONS[scene.decoded.kind]
    if answer is None:
        return
    element = _action_element(scene.decoded.response)
    found = text_of(element)
    if "".join(found.split()) == expected:  # namespace-whitespace is about blanks inside
        return
    yield scene.hit(
        f"Action is {found!r}, not {expected!r}" if found else f"there is no Action {expected!r}",
        part="response",
        xpath=path_of(element) if element is not None else "/Envelope/Header/Action",
        evidence=found,
    )


def _action_element(side: BodySide | None) -> Element | None:
    """The Action of a SOAP header, in whatever namespace and case."""
    if side is None or side.envelope is None:
        return None
    for header in children(side.envelope.root):
        if local_name(header).lower() == "header":
            named = (each for each in children(header) if local_name(each).lower() == "action")
            return next(named, None)
    return None
