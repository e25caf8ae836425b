"""Rules on WLAN profiles in WlanXml (session.md 7; the WLAN_profile schema v1)."""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.csp.model import Payload
from mdmcore.csp.payload import payload_root
from mdmcore.namespaces import WLAN_PROFILE
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.sent import SentItem, sent_items
from mdmcore.xml import Element, children, local_name, namespace_of, text_of


def _profiles(scene: Scene) -> Iterator[tuple[SentItem, Element]]:
    for sent in sent_items(scene):
        node = sent.node if sent.is_write else None
        if node is not None and node.payload is Payload.WLAN_PROFILE:
            root = payload_root(sent.item.data)
            if root is not None:
                yield sent, root


@rule("wlanxml-namespace", kinds={Kind.SYNCML})
def wlanxml_namespace(scene: Scene) -> Iterator[Hit]:
    """The root of WlanXml is not WLANProfile in the exact namespace of WLAN profiles, and the
    device answers 500. Copy the namespace exactly."""
    for sent, root in _profiles(scene):
        name, namespace = local_name(root), namespace_of(root)
        if (name, namespace) != ("WLANProfile", WLAN_PROFILE):
            yield sent.hit(
                scene,
                f"the root of WlanXml is {name[:40]} in {namespace[:100]!r}, "
                f"not WLANProfile in {WLAN_PROFILE!r}",
                below="/Data",
                evidence=f"{name[:40]} in {namespace[:100]!r}",
            )


@rule("wifi-profile-name-mismatch", kinds={Kind.SYNCML})
def name_mismatch(scene: Scene) -> Iterator[Hit]:
    """A WLAN profile is called otherwise than its node in the LocURI, so the device answers 500
    although the network is there. Use one name, percent-encoded in the LocURI."""
    for sent, root in _profiles(scene):
        names = _names(root)
        wanted = sent.uri.segments[-2]
        if names and wanted not in names:
            yield sent.hit(
                scene,
                f"the profile is called {names[0][:60]!r}, its node {wanted[:60]!r}",
                below="/Data",
                evidence=names[0][:60],
            )


def _names(root: Element) -> tuple[str, ...]:
    """The profile's name, then those of its networks, as text or in hexadecimal."""
    found = [text_of(element) for element in children(root, "name")]
    for config in children(root, "SSIDConfig"):
        for network in children(config, "SSID"):
            found += [text_of(element) for element in children(network)]
    return tuple(name for name in found if name)
