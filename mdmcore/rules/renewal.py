"""Rules on what certificate renewal needs (enrollment.md 10)."""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import Life
from mdmcore.rules.model import Hit, Severity
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene


def until_renewal(life: Life) -> Severity | None:
    """A warning while the renewal window is closed; nothing once EntDMID was set over DM."""
    if life.has_ent_dmid:
        return Severity.NONE
    return None if life.is_renewal_due else Severity.WARNING


@rule("entdmid-missing", kinds={Kind.RST}, cap=until_renewal)
def entdmid_missing(scene: Scene) -> Iterator[Hit]:
    """The provisioning document has no EntDMID; unless it is set in a DM session, the device never
    sends the renewal request. Set EntDMID below DMClient/Provider/<PROVIDER-ID>."""
    part = scene.decoded.provisioning
    if part is None or part.document is None or scene.life.has_ent_dmid:
        return
    provider = part.document.find("DMClient", "Provider")
    where = "DMClient/Provider has no EntDMID" if provider else "there is no DMClient/Provider"
    yield scene.hit(
        f"the provisioning document sets no EntDMID: {where}",
        part="document",
        xpath="/wap-provisioningdoc/characteristic[@type='DMClient']",
        evidence=where,
    )
