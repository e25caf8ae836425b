"""The client certificates that an answer issues: what rules on certificates look at."""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.pki.certificate import Certificate
from mdmcore.rules.scene import Scene


def issued_certificates(scene: Scene) -> Iterator[tuple[str, Certificate]]:
    """Place and certificate of each one in My; a CA beside them in that store is none."""
    part = scene.decoded.provisioning
    for item in part.client_certificates if part is not None else ():
        if item.certificate is not None and not item.certificate.is_ca:
            yield item.stored.path, item.certificate
