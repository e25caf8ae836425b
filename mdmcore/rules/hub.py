"""Rules on the Company Hub: its branch of the document, and its download (enrollment.md 9.7, 12).

The token of the branch is judged in ``aet``; what is known of revocation lists is in
``revocation``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdmcore.enrollment.provisioning_view import AppManagement, parm_path
from mdmcore.pki.asn1.name import DistinguishedName
from mdmcore.pki.criteria import PREFIX, decode_hub_criteria, subject_is_meant
from mdmcore.rules import revocation
from mdmcore.rules.decoded import Kind
from mdmcore.rules.enrollment_certificate import without_hub
from mdmcore.rules.model import Hit, Severity
from mdmcore.rules.provisioned import ISSUING, document_hit, provisioned
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.urls import endpoint

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


@rule(
    "crl-unreachable",
    kinds={Kind.SYNCML, Kind.HUB, Kind.TLS, Kind.OTHER},
    cap=revocation.cap,
    floor=revocation.floor,
)
def crl_unreachable(scene: Scene) -> Iterator[Hit]:
    """The server's certificate names a revocation list and CRLCheck is not 0: if the phone cannot
    fetch the list, its connection fails. Publish the list where the phone reaches it, or set
    CRLCheck to 0."""
    check = _crl_check(scene)
    if check is None:
        return
    written = "is not given" if check == "" else f"is {check!r}"
    if scene.decoded.kind is Kind.OTHER:
        yield from _fetched_in_vain(scene, written)
        return
    tried = revocation.tried_in_vain(scene.exchange)
    if tried:
        yield scene.hit(
            f"the revocation list of the server's certificate cannot be fetched; CRLCheck {written}"
            ", so the phone's connection fails",
            part="certificate",
            field="CRL distribution points",
            evidence=tried,
            severity=Severity.ERROR,
        )
        return
    urls = revocation.named_lists(scene.exchange.tls)
    problem = revocation.problem_of(urls, scene.life.known_lists)
    if not urls or problem == revocation.REACHED or not _is_first_connection(scene):
        return
    yield scene.hit(
        f"the certificate of {scene.exchange.request.host or 'the server'} names a revocation "
        f"list and CRLCheck {written}; "
        + (
            "whether the phone can fetch the list is not known"
            if problem is None
            else f"the list could not be fetched: {problem}"
        ),
        part="certificate",
        field="CRL distribution points",
        evidence=", ".join(urls),
    )


def _fetched_in_vain(scene: Scene, written: str) -> Iterator[Hit]:
    """This exchange is a request for a list that a server's certificate named."""
    url = scene.exchange.request.url
    if not any(endpoint(url) == endpoint(one) for urls in scene.life.named_lists for one in urls):
        return
    problem = revocation.fetched(scene.exchange)
    if problem:
        yield scene.hit(
            f"the revocation list of the server's certificate cannot be fetched: {problem}; "
            f"CRLCheck {written}, so the phone's connection fails",
            part="response",
            field="body",
            evidence=url,
        )


def _crl_check(scene: Scene) -> str | None:
    """CRLCheck as the life was given it, empty when it was left out; ``None`` when it is 0 or
    there is no branch that could have it."""
    part = scene.life.provisioning
    if part is None or part.document is None:
        return None
    if part.app_management is not None:
        check = part.app_management.crl_check
    else:
        # The Windows 8.1 PC has it in its APPLICATION (MS-MDE 3.6).
        application = part.document.find("APPLICATION")
        check = application.value("CRLCheck") if application is not None else None
        if check is None:
            return None
    text = (check or "").strip()
    return None if text == "0" else text


def _is_first_connection(scene: Scene) -> bool:
    """Once for the DM server and once for the hub: what follows shows nothing new."""
    if scene.decoded.kind is Kind.HUB:
        return scene.before.hub_bytes == 0
    return not scene.before.sessions


def _hub_hit(scene: Scene, hub: AppManagement, name: str, message: str, evidence: str) -> Hit:
    return document_hit(scene, message, parm_path(hub.path, name), evidence)
