"""Discovery against hand-written answers, and every reason to stop there."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from mdmcore.http import Headers, Request, Response
from mdmcore.phone import Caution, NoAnswer, Refusal, Step, run
from mdmcore.phone.discovery import Endpoints, discover, discovery_url
from tests.phone.scripted import (
    Edit,
    EnrollmentScript,
    answer,
    assert_refusal,
    edited,
    settings,
    with_header,
    with_status,
)
from tests.support.server import counted_random

A = "{http://www.w3.org/2005/08/addressing}"
S = "{http://www.w3.org/2003/05/soap-envelope}"
D = "{http://schemas.microsoft.com/windows/management/2012/01/enrollment}"


def discovered(edits: dict[str, Edit] | None = None, **changes: object) -> Endpoints:
    return run(
        discover(settings(**changes), random=counted_random()), EnrollmentScript(edits=edits or {})
    )


def discovered_by(script: EnrollmentScript, **changes: object) -> Endpoints:
    return run(discover(settings(**changes), random=counted_random()), script)


def test_the_phone_probes_then_posts_to_the_host_of_the_mail_domain() -> None:
    script = EnrollmentScript()
    run(discover(settings(), random=counted_random()), script)
    probe, post = script.requests
    url = "https://EnterpriseEnrollment.example.test/EnrollmentServer/Discovery.svc"
    assert (probe.method, probe.url, probe.body) == ("GET", url, b"")
    assert probe.headers.get("Pragma") == "no-cache"
    assert probe.headers.get("User-Agent") == "Windows Phone 8 Enrollment Client"
    assert (post.method, post.url) == ("POST", url)
    assert post.headers.get("Content-Type") == "application/soap+xml; charset=utf-8"


def test_the_discover_says_who_and_what_the_phone_is() -> None:
    script = EnrollmentScript()
    run(discover(settings(), random=counted_random()), script)
    root = ElementTree.fromstring(script.requests[1].body or b"")
    action = root.findtext(f"{S}Header/{A}Action")
    assert action == f"{D[1:-1]}/IDiscoveryService/Discover"
    assert root.findtext(f"{S}Header/{A}To") == script.requests[1].url
    request = root.find(f"{S}Body/{D}Discover/{D}request")
    assert request is not None
    assert request.findtext(f"{D}EmailAddress") == "user@example.test"
    assert request.findtext(f"{D}RequestVersion") == "1.0"
    assert request.findtext(f"{D}DeviceType") == "WindowsPhone"


def test_the_answer_names_both_services() -> None:
    found = discovered()
    assert found.enrollment.url == "https://mdm.example.test/EnrollmentServer/Enrollment.svc"
    assert found.policy is not None
    assert found.policy.url == "https://mdm.example.test/EnrollmentServer/Policy.svc"


def test_without_policy_url_there_is_no_policy_endpoint() -> None:
    old = (
        "<EnrollmentPolicyServiceUrl>https://mdm.example.test/EnrollmentServer/Policy.svc"
        "</EnrollmentPolicyServiceUrl>"
    )
    assert discovered({"discover": edited(old, "")}).policy is None


def test_a_typed_server_address_is_used_instead_of_the_mail_domain() -> None:
    url = discovery_url(settings(email="corp\\user", server="enroll.example.test"))
    assert url == "https://enroll.example.test/EnrollmentServer/Discovery.svc"


def test_a_whole_url_is_asked_as_it_was_typed() -> None:
    script = EnrollmentScript()
    typed = "https://mdm.example.test:8443/mdm/discovery.svc?tenant=7"
    found = discovered_by(script, server=typed)
    assert [request.url for request in script.requests] == [typed, typed]
    root = ElementTree.fromstring(script.requests[1].body or b"")
    assert root.findtext(f"{S}Header/{A}To") == typed
    assert (found.discovery, found.accepted_redirect) == (typed, None)


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        ("user", "no domain"),
        ("user@", "no domain"),
        ("user@exam ple.test", "blanks"),
    ],
)
def test_an_address_that_leads_nowhere(email: str, reason: str) -> None:
    with pytest.raises(Refusal) as caught:
        discovery_url(settings(email=email))
    assert_refusal(caught.value, "discovery", "e-mail address", reason)


@pytest.mark.parametrize("typed", ["192.0.2.1", "https://192.0.2.1/mdm", "http://192.0.2.1/mdm"])
def test_an_ip_address_is_no_server_name(typed: str) -> None:
    with pytest.raises(Refusal) as caught:
        discovery_url(settings(server=typed))
    assert_refusal(caught.value, "discovery", "server", "IP address")


_XMLNS = "http://schemas.microsoft.com/windows/management/2012/01/enrollment"
_POLICY_URL = "https://mdm.example.test/EnrollmentServer/Policy.svc"
_FAULT = (
    "<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>s:{}</s:Value></s:Subcode>"
    '</s:Code><s:Reason><s:Text xml:lang="en-US">no</s:Text></s:Reason></s:Fault>'
)


def _fault(subcode: str, status: int) -> Edit:
    body = (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
        f"{_FAULT.format(subcode)}</s:Body></s:Envelope>"
    )
    return lambda _response: answer(body, "application/soap+xml", status)


REFUSED = [
    ("probe", with_status(404), "status", "GET probe"),
    ("probe", with_status(302), "status", "GET probe"),
    ("probe", with_header("Transfer-Encoding", "chunked"), "Transfer-Encoding", "chunked"),
    ("discover", with_header("Transfer-Encoding", "chunked"), "Transfer-Encoding", "chunked"),
    ("discover", with_header("Content-Encoding", "gzip"), "Content-Encoding", "compressed"),
    ("discover", with_header("Content-Length", "100000"), "Content-Length", "does not fit"),
    ("discover", with_header("Content-Length", "100"), "line", "not well-formed"),
    ("discover", with_header("Content-Length", "x"), "Content-Length", "does not fit"),
    ("discover", with_status(404), "status", "HTTP 404 (0x80190194)"),
    ("discover", with_status(302), "status", "redirect"),
    ("discover", with_status(204), "status", "not HTTP 200"),
    ("discover", lambda _r: answer(b"", "application/soap+xml"), "body", "empty message"),
    ("discover", lambda _r: answer("<html/>", "text/html"), "Content-Type", "HTML page"),
    ("discover", lambda _r: answer("<html/>", "text/html", 500), "status", "HTTP 500"),
    ("discover", edited("</s:Body>", ""), "line 1", "not well-formed"),
    ("discover", edited("<s:Envelope", "\ufeff<s:Envelope"), "offset 0", "byte order mark"),
    (
        "discover",
        edited("<s:Envelope", ' <?xml version="1.0"?><s:Envelope'),
        "line 1",
        "not well-formed",
    ),
    (
        "discover",
        edited("<s:Envelope", '<?xml version="1.0" encoding="utf-16"?><s:Envelope'),
        "xml declaration",
        "another encoding",
    ),
    ("discover", edited("2003/05/soap-envelope", "2003/05/soap-envelope "), "line 1", "not recogn"),
    (
        "discover",
        edited(
            "http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/soap/envelope/"
        ),
        "/Envelope",
        "SOAP",
    ),
    ("discover", edited("DiscoverResponse</a:Action>", "Discover</a:Action>"), "Action", "is not"),
    (
        "discover",
        edited("DiscoverResponse</a:Action>", "DiscoverResponse </a:Action>"),
        "Action",
        "but for blanks",
    ),
    (
        "discover",
        edited(f'"{_XMLNS}"', f'" {_XMLNS}"'),
        "line 1",
        "a namespace is not recognised",
    ),
    (
        "discover",
        edited(f'"{_XMLNS}"', f'"{_XMLNS}s"'),
        "DiscoverResponse",
        f"but DiscoverResponse in '{_XMLNS}s'",
    ),
    ("discover", edited("<s:Header>", "<s:Header/><s:Other>"), "line", "not well-formed"),
    ("discover", edited("AuthPolicy>OnPremise", "AuthPolicy>Federated"), "AuthPolicy", "authentic"),
    (
        "discover",
        edited("<AuthPolicy>OnPremise</AuthPolicy>", ""),
        "DiscoverResult/AuthPolicy",
        "no element AuthPolicy",
    ),
    (
        "discover",
        edited("https://mdm.example.test/EnrollmentServer/Enrollment.svc", ""),
        "EnrollmentServiceUrl",
        "missing",
    ),
    (
        "discover",
        edited("EnrollmentServiceUrl>", "EnrollmentUrl>", count=2),
        "ServiceUrl",
        "no ele",
    ),
    ("discover", _fault("Authentication", 500), "Value", "0x80180002"),
    ("discover", _fault("Strange", 500), "Value", "unknown subcode 'Strange'"),
    ("discover", _fault("Authentication", 200), "Value", "under HTTP 200"),
]


@pytest.mark.parametrize(("leg", "edit", "place", "reason"), REFUSED)
def test_what_the_phone_refuses(leg: str, edit: Edit, place: str, reason: str) -> None:
    with pytest.raises(Refusal) as caught:
        discovered({leg: edit})
    assert_refusal(caught.value, "discovery", place, reason)


def test_lower_case_fault_elements_are_not_seen_as_a_fault() -> None:
    body = _FAULT.format("Authentication").lower().replace("s:receiver", "s:Receiver")
    page = (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
        f"{body}</s:Body></s:Envelope>"
    )
    edit: Edit = lambda _response: answer(page, "application/soap+xml", 500)  # noqa: E731
    with pytest.raises(Refusal) as caught:
        discovered({"discover": edit})
    assert_refusal(caught.value, "discovery", "status", "HTTP 500")


def test_services_on_two_hosts_are_refused_at_the_policy_step() -> None:
    edit = edited(_POLICY_URL, _POLICY_URL.replace("mdm.", "other."))
    with pytest.raises(Refusal) as caught:
        discovered({"discover": edit})
    assert_refusal(caught.value, "policy", "EnrollmentPolicyServiceUrl", "one host")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://mdm.example.test/x", "not https"),
        ("https://192.0.2.7/x", "IP address"),
        ("https://[2001:db8::1]/x", "IP address"),
        (" https://mdm.example.test/x", "blanks"),
        ("https:///x", "names no host"),
        ("https://mdm.example.test:port/x", "not a URL"),
    ],
)
def test_a_bad_url_is_refused_when_the_phone_goes_there(url: str, reason: str) -> None:
    old = "https://mdm.example.test/EnrollmentServer/"
    edit = edited(f"{old}Enrollment.svc", url)
    found = discovered(
        {
            "discover": lambda response: edited(
                "<EnrollmentPolicyServiceUrl>https://mdm.example.test/EnrollmentServer/Policy.svc"
                "</EnrollmentPolicyServiceUrl>",
                "",
            )(edit(response))
        }
    )
    with pytest.raises(Refusal) as caught:
        found.enrollment.checked(Step.ENROLLMENT)
    assert_refusal(caught.value, "enrollment", "EnrollmentServiceUrl", reason)


CAUTIOUS = [
    (Caution.CONTENT_TYPE, with_header("Content-Type", "text/xml"), "Content-Type"),
    (Caution.CONTENT_TYPE, with_header("Content-Type", None), "Content-Type"),
    (Caution.RELATES_TO, edited("RelatesTo>urn:uuid:", "RelatesTo>urn:uuid: "), "RelatesTo"),
    (Caution.ACTION_HEADER, edited(' s:mustUnderstand="1"', ""), "Action"),
    (
        Caution.ACTION_HEADER,
        edited("a:Action", "Action", count=2),
        "Action",
    ),
    (
        Caution.DISCOVER_NAMESPACE,
        edited(f'xmlns="{_XMLNS}"', f'xmlns="{_XMLNS}/"'),
        "DiscoverResponse",
    ),
    (
        Caution.ENROLLMENT_VERSION,
        edited("</AuthPolicy>", "</AuthPolicy><EnrollmentVersion>3.0</EnrollmentVersion>"),
        "EnrollmentVersion",
    ),
]


@pytest.mark.parametrize(("caution", "edit", "place"), CAUTIOUS)
def test_what_only_a_careful_phone_refuses(caution: Caution, edit: Edit, place: str) -> None:
    assert discovered({"discover": edit}).enrollment.url
    with pytest.raises(Refusal) as caught:
        discovered({"discover": edit}, cautions=frozenset({caution}))
    assert place in caught.value.place


class Unreachable:
    """Nothing listens on 443; what is said over plain HTTP is given."""

    def __init__(self, plain: Response | None) -> None:
        self.plain = plain
        self.urls: list[str] = []
        self.script = EnrollmentScript()

    def __call__(self, request: Request) -> Response:
        self.urls.append(request.url)
        if request.host.startswith("enterpriseenrollment"):
            if request.url.startswith("https:") or self.plain is None:
                raise NoAnswer("TLS handshake refused")
            return self.plain
        return self.script(request)


_MOVED = Response(
    status=302,
    headers=Headers([("Location", "https://mdm.example.test/EnrollmentServer/Discovery.svc")]),
)


def test_without_tls_the_phone_looks_for_a_redirect_over_http() -> None:
    server = Unreachable(_MOVED)
    found = run(discover(settings(accepts_redirect=True), random=counted_random()), server)
    assert found.accepted_redirect == found.discovery == server.urls[-1]
    assert [url.split("/EnrollmentServer")[0] for url in server.urls] == [
        "https://EnterpriseEnrollment.example.test",
        "http://EnterpriseEnrollment.example.test",
        "https://mdm.example.test",
        "https://mdm.example.test",
    ]


@pytest.mark.parametrize(
    ("plain", "accepts", "reason"),
    [
        (None, True, "nor over HTTP"),
        (Response(status=200), True, "no redirect"),
        (_MOVED, False, "not accepted"),
        (
            Response(status=302, headers=Headers([("Location", "http://b.test/")])),
            True,
            "not https",
        ),
    ],
)
def test_without_tls_and_without_a_usable_redirect(
    plain: Response | None, accepts: bool, reason: str
) -> None:
    phone = discover(settings(accepts_redirect=accepts), random=counted_random())
    with pytest.raises(Refusal) as caught:
        run(phone, Unreachable(plain))
    assert_refusal(caught.value, "discovery", "", reason)


def test_the_redirected_probe_must_succeed_too() -> None:
    server = Unreachable(_MOVED)
    server.script = EnrollmentScript(edits={"probe": with_status(503)})
    with pytest.raises(Refusal) as caught:
        run(discover(settings(accepts_redirect=True), random=counted_random()), server)
    assert_refusal(caught.value, "discovery", "status", "GET probe")


def test_a_policy_url_that_is_none_is_on_no_host() -> None:
    with pytest.raises(Refusal) as caught:
        discovered({"discover": edited(_POLICY_URL, "https://[::1/x")})
    assert_refusal(caught.value, "policy", "EnrollmentPolicyServiceUrl", "one host")


def test_no_answer_to_the_post_ends_discovery() -> None:
    def answer_only_get(request: Request) -> Response:
        if request.method == "GET":
            return Response(status=200)
        raise NoAnswer("connection reset")

    with pytest.raises(Refusal) as caught:
        run(discover(settings(), random=counted_random()), answer_only_get)
    assert_refusal(caught.value, "discovery", "url", "connection reset")


_TYPED_PLAIN = "http://enterpriseenrollment.example.test:8080/EnrollmentServer/Discovery.svc"


def test_over_plain_http_the_phone_only_looks_for_a_redirect() -> None:
    server = Unreachable(_MOVED)
    phone = settings(accepts_redirect=True, server=_TYPED_PLAIN)
    found = run(discover(phone, random=counted_random()), server)
    assert server.urls[0] == _TYPED_PLAIN
    assert {url.partition(":")[0] for url in server.urls[1:]} == {"https"}
    assert found.accepted_redirect == found.discovery


@pytest.mark.parametrize(
    ("plain", "reason"),
    [
        (Response(status=200), "HTTPS was not asked for and no redirect over HTTP"),
        (None, "HTTPS was not asked for, and no answer over HTTP (TLS handshake refused)"),
    ],
)
def test_plain_http_without_a_redirect_is_the_end(plain: Response | None, reason: str) -> None:
    phone = discover(settings(server=_TYPED_PLAIN), random=counted_random())
    with pytest.raises(Refusal) as caught:
        run(phone, Unreachable(plain))
    assert_refusal(caught.value, "discovery", "url", reason)
