"""Rules on the Company Hub: its branch of the document, and its download (enrollment.md 9.7, 12).

The token of the branch is judged in ``aet``, its CRLCheck in ``revocation``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdmcore.enrollment.provisioning_view import AppManagement, parm_path
from mdmcore.pki.asn1.name import DistinguishedName
from mdmcore.pki.criteria import PREFIX, decode_hub_criteria, subject_is_meant
from mdmcore.rules.enrollment_certificate import without_hub
from mdmcore.rules.model import Hit
from mdmcore.rules.provisioned import ISSUING, document_hit, provisioned
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene

_CRITERIA = "CertificateSearchCriteria"
_PRODUCT_ID = re.compile(r"\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}\Z")


@rule("hub-206-no-content-range")
def no_content_range(scene: Scene) -> Iterator[Hit]:
    """A 206 answer has no Content-Range, so the phone begins the download and then aborts. Send
    Content-Range with each 206, or switch ranges off for the package."""
    response = scene.exchange.response
    if response is None or response.status != 206 or "Content-Range" in response.headers:
        return
    if response.media_type == "multipart/byteranges":  # each part has its own
        return
    yield scene.hit(
        "206 Partial Content without Content-Range",
        part="response",
        header="Content-Range",
        evidence=scene.exchange.request.headers.get("Range") or "no Range was asked for",
    )


@rule("eam-criteria-wrong-form", kinds=ISSUING, cap=without_hub)
def criteria_wrong_form(scene: Scene) -> Iterator[Hit]:
    """CertificateSearchCriteria is not the subject of the issued certificate alone, so the phone
    finds no certificate and never asks for the hub. Write the subject, percent-encoded once, with
    neither Subject= nor Stores."""
    hub = provisioned(scene).app_management
    criteria = hub.certificate_search_criteria if hub is not None else None
    if hub is None or criteria is None:
        return
    subjects = [certificate.subject for _, certificate in provisioned(scene).issued]
    problem = _criteria_problem(criteria, subjects)
    if problem:
        yield _hub_hit(scene, hub, _CRITERIA, f"{_CRITERIA} {problem}", criteria)


def _criteria_problem(criteria: str, subjects: list[DistinguishedName]) -> str:
    decoded = decode_hub_criteria(criteria)
    if decoded.lower().startswith(PREFIX.lower()):
        return f"begins with {PREFIX}, it is the subject alone"
    if "&stores=" in decoded.lower():
        return "names Stores, it is the subject alone"
    if "\0" in decoded:
        return "holds a NUL, at which it is cut"
    if not subjects or any(subject_is_meant(decoded, subject) for subject in subjects):
        return ""
    found = "; ".join(subject.rfc4514() for subject in subjects)
    return f"asks for {decoded!r}, the certificate's subject is {found}"


@rule("eam-product-id-format", kinds=ISSUING)
def product_id_format(scene: Scene) -> Iterator[Hit]:
    """StoreProductId is no GUID in braces, so the phone may not take the package it installed for
    the Company Hub. Write it as in the package's manifest, such as {5E1B0E5A-...}."""
    hub = provisioned(scene).app_management
    product_id = hub.store_product_id if hub is not None else None
    if hub is not None and product_id is not None and not _PRODUCT_ID.match(product_id):
        message = f"StoreProductId {product_id!r} is no GUID in braces"
        yield _hub_hit(scene, hub, "StoreProductId", message, product_id)


def _hub_hit(scene: Scene, hub: AppManagement, name: str, message: str, evidence: str) -> Hit:
    return document_hit(scene, message, parm_path(hub.path, name), evidence)
