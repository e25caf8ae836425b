"""Which values are secrets, and what stands in their place."""

from __future__ import annotations

from dataclasses import dataclass

MASKED = "***"

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """Puts ``***`` in the place of secrets, or lets them stand when a person asked for them."""

    show_secrets: bool = False

    def secret(self, text: str | None) -> str | None:
        """A value that is a secret; ``None`` and the empty text stay what they are."""
        return text if self.show_secrets or not text else MASKED

    def parm(self, name: str, value: str | None) -> str | None:
        """The value of a parm of a provisioning document."""
        return self.secret(value) if name in SECRET_PARMS else value

    def node(self, uri: str | None, data: str | None) -> str | None:
        """The data of a node of the management tree."""
        leaf = (uri or "").rstrip("/").rpartition("/")[2].partition("?")[0].lower()
        return self.secret(data) if leaf in SECRET_NODES else data
