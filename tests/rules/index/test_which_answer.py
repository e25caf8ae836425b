"""Which rule speaks of an answer that is none: by status, body and leg; of its Content-Length."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mdmcore.enrollment.fault import serialize_fault
from mdmcore.http import Headers, Request, Response
from mdmcore.inspector import Inspection
from mdmcore.namespaces import SOAP_CONTENT_TYPE, SYNCML_XML_MEDIA_TYPE
from mdmcore.rules import Finding
from mdmcore.syncml.xml import serialize_syncml
from tests.rules.index.cases import Case, enrolled, judge, which
from tests.support import messages
from tests.support.renewal import renew_message
from tests.support.story import (
    DISCOVERY_URL,
    DM_URL,
    ENROLLMENT_URL,
    MESSAGE_ID,
    POLICY_URL,
    STORE_URL,
    Story,
    answer,
    device_cred,
    package1,
    phone_csr,
)

PAGE = b"<!DOCTYPE html><html><body>Server Error in '/' Application.</body></html>"
FAULT = serialize_fault("EnrollmentServer", "no", MESSAGE_ID)
LEGS = {
    "discovery": (DISCOVERY_URL, messages.discover("anna@example.test")),
    "policies": (POLICY_URL, messages.get_policies("anna@example.test")),
    "enrolment": (ENROLLMENT_URL, messages.request_security_token(phone_csr())),
}
FAULTED = ("enrollment-refused", "relates-to-mismatch")

type Findings = Iterable[Finding]


def told(
    story: Story,
    url: str,
    asked: bytes | None,
    body: bytes,
    status: int,
    *fields: tuple[str, str],
    sent: str = SOAP_CONTENT_TYPE,
    method: str = "POST",
) -> Inspection:
    """One exchange with exactly those headers in the answer."""
    headers = Headers([("Content-Type", sent)] if asked else [])
    request = Request(method=method, url=url, headers=headers, body=asked)
    return story.tell(request, Response(status=status, headers=Headers(fields), body=body))


def answered(
    leg: str, status: int, body: bytes, media_type: str, *, probe: int | None = 200
) -> Callable[[str], Findings]:
    """A step of the enrolment that is answered so; the GET before with ``probe``."""
    url, asked = LEGS[leg]

    def play(profile: str) -> Findings:
        story = Story(profile)
        if probe is not None:
            story.tell(Request(method="GET", url=DISCOVERY_URL), Response(status=probe))
        return told(story, url, asked, body, status, ("Content-Type", media_type)).findings

    return play


SILENT_LEGS = (
    "discovery-post-not-routed",
    "enroll-http-error",
    "html-error-page",
    "empty-200-body",
    "soap-content-type-wrong",
)
DM_RULES = ("empty-response-body", "wrong-content-type", "http-401-instead-of-syncml")


def _leg(name: str, play: Callable[[str], Findings], speaks: str, *beside: str) -> Case:
    return Case(
        statement=3,
        name=name,
        play=play,
        speaks=(speaks,) if speaks else (),
        silent=tuple(rule for rule in (*SILENT_LEGS, *DM_RULES) if rule != speaks),
        beside=beside,
    )


BODIES = {
    "page": (PAGE, "text/html"),
    "page-as-soap": (PAGE, SOAP_CONTENT_TYPE),
    "nothing": (b"", "text/plain"),
    "json": (b'{"error": 1}', "application/json"),
}
GOOD = {
    "page": "html-error-page",
    "page-as-soap": "html-error-page",
    "nothing": "empty-200-body",
    "json": "soap-content-type-wrong",
}


@which(
    *(
        _leg(f"{leg}-{status}-{name}", answered(leg, status, body, kind), "enroll-http-error")
        for leg in LEGS
        for name, (body, kind) in BODIES.items()
        for status in (400, 403, 500, 503)
    ),
    *(
        _leg(f"{leg}-{status}-{name}", answered(leg, status, body, kind), GOOD[name])
        for leg in LEGS
        for name, (body, kind) in BODIES.items()
        for status in (200, 202)
    ),
    *(
        _leg(
            f"unrouted-{status}-{name}",
            answered("discovery", status, body, kind),
            "discovery-post-not-routed",
        )
        for name, (body, kind) in BODIES.items()
        for status in (404, 405)
    ),
    *(
        _leg(
            f"unrouted-{status}-behind-{probe}",
            answered("discovery", status, PAGE, "text/html", probe=probe),
            "enroll-http-error",
        )
        for status in (404, 405)
        for probe in (None, 500)
    ),
    *(
        _leg(
            f"unrouted-{leg}-{status}",
            answered(leg, status, PAGE, "text/html"),
            "enroll-http-error",
        )
        for leg in ("policies", "enrolment")
        for status in (404, 405)
    ),
    *(
        _leg(f"{leg}-fault-{status}", answered(leg, status, FAULT, SOAP_CONTENT_TYPE), "", *FAULTED)
        for leg in LEGS
        for status in (400, 404, 500)
    ),
)
def test_an_enrolment_step_without_a_usable_answer(case: Case, profile: str) -> None:
    judge(case, profile)


FIRST = serialize_syncml(package1(cred=device_cred()))
BARE = serialize_syncml(package1())


def managed(
    status: int, body: bytes, *fields: tuple[str, str], asked: bytes = FIRST
) -> Callable[[str], Findings]:
    """The first DM message, answered so."""
    return lambda profile: (
        told(
            enrolled(profile), DM_URL, asked, body, status, *fields, sent=SYNCML_XML_MEDIA_TYPE
        ).findings
    )


PROXY = ("Proxy-Authenticate", 'Basic realm="corp"')
HTML = ("Content-Type", "text/html")


@which(
    _leg("dm-empty", managed(200, b"", ("Server", "x")), "empty-response-body"),
    _leg("dm-page", managed(200, PAGE, HTML), "wrong-content-type"),
    *(
        _leg(f"dm-{status}", managed(status, PAGE, HTML), "http-401-instead-of-syncml")
        for status in (401, 403, 407)
    ),
)
def test_a_dm_message_without_a_usable_answer(case: Case, profile: str) -> None:
    judge(case, profile)


def _proxy(name: str, play: Callable[[str], Findings], *silent: str) -> Case:
    return Case(statement=4, name=name, play=play, speaks=("proxy-auth-challenge",), silent=silent)


def challenged_leg(leg: str) -> Callable[[str], Findings]:
    """A step that a proxy answers."""
    url, asked = LEGS[leg]
    return lambda profile: told(Story(profile), url, asked, PAGE, 407, PROXY, HTML).findings


DM_407 = ("http-401-instead-of-syncml", "uncredentialed-package-not-challenged")


@which(
    _proxy("dm", managed(407, PAGE, PROXY, HTML), *DM_407),
    _proxy("dm-without-cred", managed(407, b"", PROXY, asked=BARE), *DM_407),
    *(_proxy(leg, challenged_leg(leg), "enroll-http-error", "html-error-page") for leg in LEGS),
    *(
        Case(
            statement=4,
            name=f"dm-no-proxy-{name}",
            play=managed(407, b"", ("Server", "x"), asked=asked),
            speaks=("http-401-instead-of-syncml",),
            silent=("proxy-auth-challenge", "uncredentialed-package-not-challenged"),
        )
        for name, asked in (("with-cred", FIRST), ("without-cred", BARE))
    ),
)
def test_who_asks_with_407(case: Case, profile: str) -> None:
    judge(case, profile)


UMLAUT = "Größe".encode()
DM_BODY = serialize_syncml(answer("1", "212")).replace(b"</SyncML>", b"<!--%b--></SyncML>" % UMLAUT)
SIGN_IN_URL = "https://mdm.example.test/EnrollmentServer/Login?appru=ms-app://x&login_hint=anna"
LENGTHS = ("content-length-counts-characters", "content-length-wrong")


def measured(leg: str, off: int) -> Callable[[str], Findings]:
    """A leg whose answer has a Content-Length that is ``off`` from the number of its bytes."""

    def play(profile: str) -> Findings:
        story = enrolled(profile)
        body, sent, method = FAULT.replace(b">no<", b">" + UMLAUT + b"<"), SOAP_CONTENT_TYPE, "POST"
        kind, status = SOAP_CONTENT_TYPE, 500
        url, asked = LEGS.get(leg, ("", None))
        if leg == "probe":
            url, method, body, kind, status = DISCOVERY_URL, "GET", UMLAUT, "text/plain", 200
        elif leg == "sign-in":
            url, method, status = SIGN_IN_URL, "GET", 200
            body, kind = b"<html><body>%b</body></html>" % UMLAUT, "text/html"
        elif leg == "renewal":
            url, asked = ENROLLMENT_URL, renew_message()
        elif leg == "dm":
            url, asked, sent, body, kind = DM_URL, FIRST, SYNCML_XML_MEDIA_TYPE, DM_BODY, ""
            kind, status = SYNCML_XML_MEDIA_TYPE, 200
        elif leg == "hub":
            url, method, body = STORE_URL, "GET", b"PK\x03\x04" + UMLAUT
            kind, status = "application/x-silverlight-app", 200
        fields = (("Content-Type", kind), ("Content-Length", str(len(body) + off)))
        found = told(story, url, asked, body, status, *fields, sent=sent, method=method)
        return found.findings

    return play


LENGTH_LEGS = (*LEGS, "probe", "sign-in", "renewal", "dm")
BESIDE = ("enrollment-refused", "relates-to-mismatch", "renew-wrong-request-type")


@which(
    *(
        Case(
            statement=5,
            name=f"{leg}-{off}",
            play=measured(leg, off),
            speaks=(speaks,),
            silent=tuple(rule for rule in LENGTHS if rule != speaks),
            beside=(*BESIDE, "robo-advertised-not-implemented", "wab-action-not-appru"),
        )
        for leg in (*LENGTH_LEGS, "hub")
        for off, speaks in ((-2, LENGTHS[0]), (-1, LENGTHS[1]), (5, LENGTHS[1]))
        if leg != "hub" or speaks == LENGTHS[1]
    )
)
def test_a_content_length_that_is_not_the_bodys(case: Case, profile: str) -> None:
    judge(case, profile)
