"""What rules on the provisioning document take from a scene, and hits inside that document."""

from __future__ import annotations

from collections.abc import Iterable

from mdmcore.enrollment.provisioning_view import W7Account
from mdmcore.rules.decoded import Kind, Provisioning
from mdmcore.rules.model import Hit
from mdmcore.rules.scene import Scene

ISSUING = frozenset({Kind.RST, Kind.RENEW})
"""Exchanges whose answer carries a provisioning document."""

NOTHING = Provisioning(raw=b"")


def provisioned(scene: Scene) -> Provisioning:
    """The document of the answer; one without anything in it where there is none."""
    return scene.decoded.provisioning or NOTHING


def account_of(scene: Scene) -> W7Account | None:
    """The DM account of the document."""
    return provisioned(scene).account


def document_hit(
    scene: Scene,
    message: str,
    xpath: str,
    evidence: str = "",
    *,
    caused_by: Iterable[str] = (),
) -> Hit:
    """A hit at an element or attribute of the document."""
    return scene.hit(
        message, part="document", xpath=xpath, evidence=evidence, caused_by=tuple(caused_by)
    )
