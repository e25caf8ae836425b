"""Mistakes about the Company Hub: its branch of the document, and its download.

Sources: enrollment.md 9.7, 12; blog, T38 to T47.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from mdmcore.base64_text import encode_base64
from mdmcore.enrollment.aetx import serialize_aet
from mdmcore.http import Response
from mdmcore.server.faults.documents import ANY, edit_parm, set_parm, with_branch
from mdmcore.server.faults.model import Answered, Step, fault

_BRANCH = ("EnterpriseAppManagement", ANY)
_TOKEN = "EnrollmentToken"
_AET_END = b"</AET>"
_OVERDUE = timedelta(days=30)


@fault("eam-criteria-wrong-form", Step.ENROLL)
def criteria_of_the_account(answered: Answered) -> Response | None:
    """CertificateSearchCriteria in the form of SSLCLIENTCERTSEARCHCRITERIA."""
    change = edit_parm("CertificateSearchCriteria", lambda text: f"Subject={text}&Stores=My%5CUser")
    return with_branch(answered, _BRANCH, change)


@fault("eam-product-id-format", Step.ENROLL)
def product_id_without_braces(answered: Answered) -> Response | None:
    """StoreProductId without braces."""
    change = edit_parm("StoreProductId", lambda text: text.strip("{}"))
    return with_branch(answered, _BRANCH, change)


@fault("eam-without-signing-cert", Step.ENROLL)
def empty_token(answered: Answered) -> Response | None:
    """The branch is there, its EnrollmentToken is empty."""
    return with_branch(answered, _BRANCH, set_parm(_TOKEN, ""))


@fault("eam-enterprise-id-mismatch", Step.ENROLL)
def other_enterprise(answered: Answered) -> Response | None:
    """The branch is called by another id than the token has."""
    return with_branch(
        answered, _BRANCH, lambda branch: replace(branch, type=f"{branch.type[::-1]}1")
    )


@fault("eam-token-differs-from-aetx", Step.ENROLL)
def other_token(answered: Answered) -> Response | None:
    """A token of the same enterprise that is not the one of the .aetx."""
    hub = answered.tools.settings.hub
    if hub is None:
        return None
    token = encode_base64(serialize_aet(hub.enterprise_id) + b"<!-- older -->")
    return with_branch(answered, _BRANCH, set_parm(_TOKEN, token))


@fault("eam-token-expired", Step.ENROLL)
def expired_token(answered: Answered) -> Response | None:
    """A token of the same enterprise whose date lies in the past; how a token says that is [U]."""
    hub = answered.tools.settings.hub
    if hub is None:
        return None
    end = (answered.tools.clock() - _OVERDUE).strftime("%Y-%m-%dT%H:%M:%SZ")
    date = f"<ExpirationDate>{end}</ExpirationDate></AET>".encode()
    token = encode_base64(serialize_aet(hub.enterprise_id).replace(_AET_END, date))
    return with_branch(answered, _BRANCH, set_parm(_TOKEN, token))


@fault("hub-206-no-content-range", Step.HUB)
def no_content_range(answered: Answered) -> Response | None:
    """A part of the package without Content-Range."""
    response = answered.response
    if response.status != 206:
        return None
    headers = response.headers.without("Content-Range")
    return Response(status=206, headers=headers, body=response.body)
