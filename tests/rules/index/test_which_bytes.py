"""Which rule speaks of namespaces, of bytes before a declaration, of hosts and schemes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mdmcore.enrollment.discovery import DiscoverResponse, serialize_discover_response
from mdmcore.http import Headers, Request, Response
from mdmcore.rules import Finding
from mdmcore.syncml.xml import serialize_syncml
from tests.rules.index.cases import Case, enrolled, judge, which
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
    document,
    package1,
)

DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>'
PREFIXES = {"break": b"\r\n", "text": b"garbage", "mark": b"\xef\xbb\xbf"}
SYNCML = serialize_syncml(answer("2", "212", next_nonce=b"n" * 16))
DISCOVERY = DiscoverResponse(
    auth_policy="OnPremise", policy_url=POLICY_URL, enrollment_url=ENROLLMENT_URL
)

type Findings = Iterable[Finding]
type Change = Callable[[bytes], bytes]


def discovered(change: Change, answered: DiscoverResponse = DISCOVERY) -> Callable[[str], Findings]:
    """A discovery whose answer was changed."""
    right = serialize_discover_response(answered, relates_to=MESSAGE_ID)
    return lambda profile: Story(profile).discover(response=change(right)).findings


def synced(change: Change) -> Callable[[str], Findings]:
    """A first session whose answer was changed."""
    return lambda profile: (
        enrolled(profile).sync(package1(cred=device_cred()), change(SYNCML)).findings
    )


def provisioned(change: Change) -> Callable[[str], Findings]:
    """An enrolment whose document was changed."""
    return lambda profile: Story(profile).enroll(change(document(profile=profile))).findings


def replaced(old: bytes | str, new: bytes | str) -> Change:
    """A text with every such place changed; it must have one."""
    before, after = (text if isinstance(text, bytes) else text.encode() for text in (old, new))

    def change(text: bytes) -> bytes:
        assert before in text
        return text.replace(before, after)

    return change


def prefixed(prefix: bytes, *, end: bytes = b"") -> Change:
    """The text behind a prefix and a declaration; without that ``end``, which breaks it."""

    def change(text: bytes) -> bytes:
        body = text if text.startswith(b"<?xml") else DECLARATION + text
        assert body.rstrip().endswith(end)
        return prefix + body.rstrip().removesuffix(end)

    return change


def _whole(name: str, prefix: bytes) -> tuple[Case, ...]:
    rows = (
        ("soap", discovered, "xml-not-wellformed"),
        ("syncml", synced, "xml-not-wellformed"),
        ("document", provisioned, "wap-not-wellformed"),
    )
    return tuple(
        Case(
            statement=1,
            name=f"{name}-before-{what}",
            play=play(prefixed(prefix)),
            speaks=("xml-declaration-not-first",),
            silent=(other,),
        )
        for what, play, other in rows
    )


def _broken(what: str, play: Callable[[Change], Callable[[str], Findings]], rule: str) -> Case:
    ends = {"soap": b"</s:Envelope>", "syncml": b"</SyncML>"}
    end = ends.get(what, b"</wap-provisioningdoc>")
    return Case(
        statement=1,
        name=f"prefix-of-broken-{what}",
        play=play(prefixed(b"garbage", end=end)),
        speaks=(rule,),
        silent=("xml-declaration-not-first",),
        beside=("relates-to-mismatch",),
    )


NAMESPACES = tuple(
    Case(
        statement=1,
        name=f"blank-{name}",
        play=play,
        speaks=("namespace-whitespace",),
        silent=("wrong-namespace", "xml-not-wellformed"),
    )
    for name, play in (
        ("in-soap", discovered(replaced('/2012/01/enrollment"', '/2012/01/enrollment "'))),
        ("in-syncml", synced(replaced('"SYNCML:SYNCML1.2"', '" SYNCML:SYNCML1.2"'))),
        ("in-metinf", synced(replaced('"syncml:metinf"', '"syncml:metinf "'))),
        ("inside-metinf", synced(replaced('"syncml:metinf"', '"syncml: metinf"'))),
        ("break-in-metinf", synced(replaced('"syncml:metinf"', '"syncml:&#10;metinf"'))),
    )
)
OTHER_NAMESPACE = Case(
    statement=1,
    name="other-namespace",
    play=synced(replaced('"syncml:metinf"', '"syncml:other"')),
    speaks=("wrong-namespace",),
    silent=("namespace-whitespace", "xml-not-wellformed"),
)


@which(
    *NAMESPACES,
    OTHER_NAMESPACE,
    *(case for name, prefix in PREFIXES.items() for case in _whole(name, prefix)),
    _broken("soap", discovered, "xml-not-wellformed"),
    _broken("syncml", synced, "xml-not-wellformed"),
    _broken("document", provisioned, "wap-not-wellformed"),
)
def test_namespaces_and_what_stands_before_a_document(case: Case, profile: str) -> None:
    judge(case, profile)


ADDRESS = "https://192.0.2.9"
SCHEMES = ("w7-addr-not-https", "plain-http-endpoint")


def redirected(location: str) -> Callable[[str], Findings]:
    """The GET before discovery, sent elsewhere."""
    headers = Headers([("Location", location)])
    request = Request(method="GET", url=DISCOVERY_URL)
    return lambda profile: (
        Story(profile).tell(request, Response(status=302, headers=headers)).findings
    )


def announced(**urls: str) -> Callable[[str], Findings]:
    """A discovery answer with these URLs."""
    values = {"policy_url": POLICY_URL, "enrollment_url": ENROLLMENT_URL} | urls
    answered = DiscoverResponse(auth_policy="OnPremise", **values)
    return discovered(lambda text: text, answered)


NOBODY = ("[Errno 111] Connection refused", "Connect call failed", "timed out")


def served_plainly(
    words: str, *, status: int = 200, host: str = "enterpriseenrollment.example.test"
) -> Callable[[str], Findings]:
    """Discovery over https has failed with these words, and is answered over http."""
    headers = Headers([("Location", "https://mdm.example.test/d")] if status == 302 else [])

    def play(profile: str) -> Findings:
        story = Story(profile)
        story.tell(Request(method="GET", url=DISCOVERY_URL), None, error=words)
        plain = f"http://{host}/EnrollmentServer/Discovery.svc"
        answered = Response(status=status, headers=headers)
        found = story.tell(Request(method="GET", url=plain), answered).findings
        return [one for one in found if one.rule != "discovery-get-not-200"]

    return play


def _at_address(name: str, play: Callable[[str], Findings], *profiles: str) -> Case:
    more = {"profiles": profiles} if profiles else {}
    return Case(
        statement=2,
        name=f"address-in-{name}",
        play=play,
        speaks=("host-is-ip-address",),
        silent=SCHEMES,
        **more,
    )


def _plain(name: str, play: Callable[[str], Findings]) -> Case:
    return Case(
        statement=2,
        name=f"plain-{name}",
        play=play,
        speaks=("plain-http-endpoint",),
        silent=("w7-addr-not-https", "host-is-ip-address"),
    )


@which(
    _at_address("services", announced(policy_url=f"{ADDRESS}/p", enrollment_url=f"{ADDRESS}/e")),
    _at_address("sign-in", announced(authentication_url=f"{ADDRESS}/s")),
    _at_address("redirect", redirected(f"{ADDRESS}/d")),
    _at_address("addr", provisioned(replaced(f'"{DM_URL}"', f'"{ADDRESS}/omadm"'))),
    _at_address("hub", provisioned(replaced(STORE_URL, f"{ADDRESS}/hub.xap")), "wp8", "wp81"),
    _plain("policies", announced(policy_url=POLICY_URL.replace("https", "http"))),
    _plain("enrolment", announced(enrollment_url=ENROLLMENT_URL.replace("https", "http"))),
    _plain("sign-in", announced(authentication_url="http://mdm.example.test/s")),
    _plain("redirect", redirected("http://mdm.example.test/d")),
    *(_plain(f"service-{words[:7]}", served_plainly(words)) for words in NOBODY),
    *(
        Case(statement=2, name=f"not-{name}", play=play, silent=("plain-http-endpoint",))
        for name, play in (
            ("redirected", served_plainly(NOBODY[0], status=302)),
            ("missing", served_plainly(NOBODY[0], status=404)),
            ("tls", served_plainly("certificate verify failed")),
            ("elsewhere", served_plainly(NOBODY[0], host="other.example.test")),
        )
    ),
    Case(
        statement=2,
        name="plain-addr",
        play=provisioned(replaced(f'"{DM_URL}"', f'"{DM_URL.replace("https", "http")}"')),
        speaks=("w7-addr-not-https",),
        silent=("plain-http-endpoint", "host-is-ip-address"),
    ),
)
def test_hosts_and_schemes_of_what_is_handed_out(case: Case, profile: str) -> None:
    judge(case, profile)
