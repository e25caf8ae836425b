"""Where a captured request goes now."""

from __future__ import annotations

import pytest

from mdmcore.replay.urls import NotNamedError, UrlMap

OLD = (
    "https://enterpriseenrollment.acme.test/EnrollmentServer/Discovery.svc",
    "https://mdm.acme.test/x",
)


def urls(to: str = "https://staging.test:8443") -> UrlMap:
    return UrlMap(to, OLD)


def test_what_was_not_named_is_asked_at_the_new_server() -> None:
    named = urls().named(f"{OLD[0]}?tenant=7")
    assert named == "https://staging.test:8443/EnrollmentServer/Discovery.svc?tenant=7"
    below = urls("http://staging.test/base/").named(OLD[0])
    assert below == "http://staging.test/base/EnrollmentServer/Discovery.svc"


def test_a_named_url_is_followed_with_what_the_device_puts_behind_it() -> None:
    one = urls()
    one.learn("ADDR", "https://mdm.acme.test/dm?a=1", "https://other.test/omadm?b=2")
    asked = "https://mdm.acme.test/dm?a=1&mode=Maintenance"
    assert one.named(asked) == "https://other.test/omadm?b=2&mode=Maintenance"
    assert one.named("https://mdm.acme.test/dm/more") == "https://other.test/omadm/more?b=2"
    assert one.named("https://mdm.acme.test/dmz") == "https://staging.test:8443/dmz"


def test_the_longest_name_counts() -> None:
    one = urls()
    one.learn("StoreURI", "https://mdm.acme.test/hub", "https://a.test/")
    one.learn("URL of a package", "https://mdm.acme.test/hub/x.xap", "https://b.test/y.xap")
    assert one.named("https://mdm.acme.test/hub/x.xap") == "https://b.test/y.xap"


def test_what_the_new_server_does_not_name_cannot_be_asked() -> None:
    one = urls()
    one.learn("EnrollmentServiceUrl", "https://mdm.acme.test/enroll", "")
    with pytest.raises(NotNamedError, match="name no EnrollmentServiceUrl"):
        one.named("https://mdm.acme.test/enroll")


def test_what_has_a_place_of_its_own() -> None:
    found = urls().named("https://mdm.acme.test/x?mode=1", otherwise="https://other.test/dm?t=2")
    assert found == "https://other.test/dm?t=2&mode=1"


def test_a_captured_host_is_never_asked_itself() -> None:
    one = urls()
    assert one.sent_to("https://MDM.acme.test:443/dm") == "https://staging.test:8443/dm"
    assert one.sent_to("https://new.test/dm") == "https://new.test/dm"


def test_the_same_names_are_asked_as_they_are() -> None:
    one = urls("https://enterpriseenrollment.acme.test")
    assert one.sent_to("https://mdm.acme.test/dm") == "https://mdm.acme.test/dm"
    assert one.named(OLD[1]) == OLD[1]
    assert one.hosts() == ()


def test_which_host_stands_for_which() -> None:
    one = urls()
    one.learn("ADDR", "https://mdm.acme.test/dm", "https://dm.staging.test/dm")
    assert set(one.hosts()) == {
        ("mdm.acme.test", "dm.staging.test"),
        ("mdm.acme.test", "staging.test:8443"),
        ("enterpriseenrollment.acme.test", "staging.test:8443"),
    }


def test_what_is_no_url_breaks_nothing() -> None:
    one = urls()
    one.learn("ADDR", "http://[x/", "also [ none")
    assert one.named("http://[x/") == "also [ none"
    assert one.sent_to("http://[x/") == "http://[x/"
