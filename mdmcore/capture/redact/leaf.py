"""A value's place in a message, and the kind of value that stands there."""

from __future__ import annotations

from dataclasses import dataclass

from mdmcore.capture.redact.kinds import BY_NAME, FORM_ONLY, ValueKind
from mdmcore.csp.catalogue import find_node
from mdmcore.csp.uri import parse_uri
from mdmcore.inspector.masking import SECRET_ALERT_TYPES, SECRET_NODES, SECRET_PARMS

_DATA = "data"
_AUTHENTICATION_TYPES = ("auth-md5", "auth-basic", "auth-mac")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """Where a text stands: local names of the elements around it, from the outermost, in lower
    case; ``name`` is what names the value beside it (a parm's name, a field's key); ``uri`` the
    LocURI and ``type`` the Meta Type of the item it stands in."""

    path: tuple[str, ...] = ()
    name: str = ""
    uri: str = ""
    type: str = ""
    is_form: bool = False

    @property
    def element(self) -> str:
        """The innermost element."""
        return self.path[-1] if self.path else ""

    def ends(self, *names: str) -> bool:
        """Whether these are the innermost elements."""
        return self.path[-len(names) :] == names

    @property
    def is_cred(self) -> bool:
        """Whether a credential of SyncML stands here."""
        return self.ends("cred", _DATA) or self.ends("cred", _DATA, "data")

    def kind(self) -> ValueKind | None:
        """The kind of the value, ``None`` where the place does not tell."""
        if self.ends("synchdr", "source", "locuri") or self.ends("synchdr", "target", "locuri"):
            return ValueKind.DEVICE
        if self.ends("ssid", "name") or self.ends("wlanprofile", "name"):
            return ValueKind.NAME
        if self.element == "locname":
            inside = "synchdr" in self.path
            return ValueKind.USER if inside else None
        if self.element == _DATA and self.uri:
            return _kind_of_node(self.uri)
        if self.element == _DATA and self.type.strip().lower() in SECRET_ALERT_TYPES:
            return ValueKind.TOKEN
        if self.name:
            return self._kind_of_name(self.name)
        return self._kind_of_name(self.element)

    def _kind_of_name(self, name: str) -> ValueKind | None:
        low = name.rpartition("/")[2].rpartition(":")[2].lower()
        if low in FORM_ONLY and not self.is_form:
            return None
        kind = BY_NAME.get(low)
        if kind is None and name in SECRET_PARMS:
            return ValueKind.SECRET
        return kind


def _kind_of_node(uri: str) -> ValueKind | None:
    plain = uri.partition("?")[0].rstrip("/")
    low = plain.rpartition("/")[2].lower()
    if low in BY_NAME and low not in FORM_ONLY:
        return BY_NAME[low]
    if low in SECRET_NODES:
        return ValueKind.SECRET
    node = find_node(parse_uri(plain)) if plain.startswith(".") else None
    return ValueKind.SECRET if node is not None and node.is_secret else None
