"""Which values are secrets, and what stands in their place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mdmcore.inspector.masked_text import MASKED, masked_text, masked_url

__all__ = ["MASKED", "SECRET_ALERT_TYPES", "SECRET_NODES", "SECRET_PARMS", "Mask"]

SECRET_PARMS = frozenset({"AAUTHSECRET", "AAUTHDATA", "EnrollmentToken", "PrivateKey"})
"""Parms of a provisioning document whose value is a secret."""

SECRET_NODES = frozenset(
    {
        "aauthsecret",
        "aauthdata",
        "enrollmenttoken",
        "password",
        "newpinvalue",
        "challenge",
        "sharedsecret",
        "presharedkey",
        "wlanxml",
        "pfxcertblob",
        "pfxcertpassword",
        "privatekey",
        "aaduserdata",
    }
)
"""Last segments, in lower case, of LocURIs whose data is or contains a secret."""

SECRET_ALERT_TYPES = frozenset({"com.microsoft/mdm/aadusertoken"})
"""Alert types, in lower case, whose data is a token."""


_SECRET_ENDS = ("password", "passwd", "passphrase", "secret", "sharedkey", "keymaterial")
_POLICY_STARTS = ("allow", "require", "disable", "force", "prevent")
"""Of nodes that say whether there may be a secret."""
_LOWER_PARMS = frozenset(name.lower() for name in SECRET_PARMS) | SECRET_NODES


def _ends_in_secret(name: str) -> bool:
    return name.endswith(_SECRET_ENDS) and not name.startswith(_POLICY_STARTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """Puts ``***`` in the place of secrets, or lets them stand when a person asked for them."""

    show_secrets: bool = False

    def secret(self, text: str | None) -> str | None:
        """A value that is a secret; ``None`` and the empty text stay what they are."""
        return text if self.show_secrets or not text else MASKED

    def parm(self, name: str, value: str | None) -> str | None:
        """The value of a parm of a provisioning document."""
        lower = name.lower()
        is_secret = lower in _LOWER_PARMS or _ends_in_secret(lower)
        return self.secret(value) if is_secret else self.text(value)

    def node(self, uri: str | None, data: str | None) -> str | None:
        """The data of a node of the management tree."""
        return self.secret(data) if self.is_secret_node(uri or "") else data

    def is_secret_node(self, uri: str) -> bool:
        """Whether what stands at that LocURI is or contains a secret."""
        leaf = uri.partition("?")[0].rstrip("/").rpartition("/")[2].lower()
        return leaf in SECRET_NODES or _ends_in_secret(leaf)

    def url(self, url: str) -> str:
        """A URL: the tokens of its query and the password before its host are secrets."""
        return url if self.show_secrets else masked_url(url)

    def text(self, text: str | None) -> str | None:
        """Any text: of its URLs and of what is named as a secret in it."""
        return text if self.show_secrets or not text else masked_text(text)

    def values(self, values: dict[str, Any]) -> dict[str, Any]:
        """Plain JSON values, each text in them masked as by ``text``."""
        return values if self.show_secrets else {name: _masked(it) for name, it in values.items()}


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, dict):
        return {name: _masked(below) for name, below in value.items()}
    return [_masked(below) for below in value] if isinstance(value, list) else value
