"""Who may not enrol, and what each generation of devices is told of it."""

from __future__ import annotations

import contextlib
import sqlite3
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdmcore.errors import ConfigError
from mdmcore.http import Response
from mdmcore.profiles import PROFILES
from mdmcore.server import Limits, MdmServer
from mdmcore.server.refusal import Refusal
from tests.enrollment.oracles import check_soap
from tests.server.conftest import ServerFactory
from tests.server.soap_answers import ENROLLMENT, error_type, fault, sign_in
from tests.support import messages as m
from tests.support.certification_requests import build_request
from tests.support.server import post_soap

CSR = build_request()


def enroll(
    server: MdmServer,
    user: str = "demo@example.test",
    *more: tuple[str, str],
    device_type: str = "CIMClient_Windows",
    version: str = "10.0.19043.1110",
) -> Response:
    told = (("DeviceType", device_type), ("ApplicationVersion", version))
    context = (*(pair for pair in told if pair[1]), *more)
    return post_soap(server, ENROLLMENT, m.request_security_token(CSR, user, context=context))


def refused(answer: Response) -> tuple[str, str]:
    """Subcode and ErrorType of a fault that is valid by the shared schema."""
    assert answer.status == 500
    check_soap(answer.body or b"")
    return fault(answer)[1], error_type(answer)


def test_a_user_has_as_many_devices_as_allowed(server_factory: ServerFactory) -> None:
    server = server_factory(limits=Limits(device_cap=2))
    assert enroll(server).status == 200
    assert enroll(server, "DEMO@EXAMPLE.TEST").status == 200
    assert refused(enroll(server)) == ("Authorization", "DeviceCapReached")
    assert enroll(server, "other@example.test").status == 200


def test_the_same_device_again_is_not_one_more(server_factory: ServerFactory) -> None:
    server = server_factory(limits=Limits(device_cap=1))
    for _ in range(2):
        assert enroll(server, "demo", ("DeviceID", "D1"), ("HWDevID", "H1")).status == 200
    assert refused(enroll(server, "demo", ("DeviceID", "D2")))[1] == "DeviceCapReached"


def test_a_phone_is_told_the_subcode_only(server_factory: ServerFactory) -> None:
    server = server_factory(limits=Limits(device_cap=0))
    answer = enroll(server, device_type="WindowsPhone", version="8.0.10501.0")
    assert refused(answer) == ("Authorization", "")
    assert "as many devices as allowed (0)" in fault(answer)[2]


def test_a_refused_device_leaves_no_record(server_factory: ServerFactory, tmp_path: Path) -> None:
    assert enroll(server_factory(limits=Limits(device_cap=0))).status == 500
    with closing(sqlite3.connect(tmp_path / "state.sqlite3")) as connection:
        for table in ("certificates", "accounts"):
            assert connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,)


def test_a_refused_device_does_not_use_up_the_users_token(server_factory: ServerFactory) -> None:
    token = sign_in(server_factory())
    body = m.request_security_token(CSR, header=m.user_token(token))
    full = server_factory(limits=Limits(device_cap=0), seed="full")
    assert fault(post_soap(full, ENROLLMENT, body))[1] == "Authorization"
    assert post_soap(server_factory(seed="open"), ENROLLMENT, body).status == 200
    assert "has been used" in fault(post_soap(full, ENROLLMENT, body))[2]


def test_one_that_was_faster_is_counted(
    server_factory: ServerFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The count is made before the certificate, and again where it is stored."""
    server = server_factory(limits=Limits(device_cap=1))
    assert enroll(server).status == 200
    monkeypatch.setattr("mdmcore.store.Database.devices_beside", lambda *_: 0)
    assert refused(enroll(server)) == ("Authorization", "DeviceCapReached")


@pytest.mark.parametrize(
    ("version", "is_served"),
    [
        ("8.10.12397.895", True),
        ("8.10.12397", True),
        ("9", True),
        ("10.0.0.0", True),
        ("8.10.12396.9999", False),
        ("8.9.99999.0", False),
        ("8", False),
        ("nonsense", False),
        ("8.10.12397.895.1", False),
        ("", True),
    ],
)
def test_an_old_system_is_not_supported(
    server_factory: ServerFactory, version: str, is_served: bool
) -> None:
    server = server_factory(limits=Limits(lowest_application_version="8.10.12397"), profile="win10")
    answer = enroll(server, device_type="", version=version)
    if is_served:
        assert answer.status == 200
    else:
        assert refused(answer) == ("Authorization", "DeviceNotSupported")
        assert version in fault(answer)[2]


@pytest.mark.parametrize(
    ("version", "is_served"),
    [("10.0.19045.9999", True), ("9", True), ("10.0.19046.0", False), ("11", False), ("x", False)],
)
def test_a_new_system_may_be_refused_too(
    server_factory: ServerFactory, version: str, is_served: bool
) -> None:
    server = server_factory(limits=Limits(highest_application_version="10.0.19045"))
    answer = enroll(server, version=version)
    assert answer.status == (200 if is_served else 500)
    if not is_served:
        assert refused(answer)[0] == "Authorization"
        assert "newer than" in fault(answer)[2] or "no version" in fault(answer)[2]


@pytest.mark.parametrize(
    ("device_type", "is_served"),
    [
        ("WindowsPhone", True),
        ("windowsphone", True),
        ("CIMClient_Windows", True),
        ("WindowsHandheld", True),
        ("", True),
        ("Android", False),
        ("<WindowsPhone>", False),
        ("W" * 5000, False),
    ],
)
def test_an_unknown_device_type_is_not_supported(
    server_factory: ServerFactory, device_type: str, is_served: bool
) -> None:
    answer = enroll(server_factory(profile="win10"), device_type=device_type, version="")
    if is_served:
        assert answer.status == 200
    else:
        assert refused(answer) == ("Authorization", "DeviceNotSupported")
        assert device_type[:50] in fault(answer)[2]
        assert len(fault(answer)[2]) < 200


def test_in_maintenance_nobody_enrols(server_factory: ServerFactory) -> None:
    server = server_factory(limits=Limits(maintenance=True))
    assert refused(enroll(server)) == ("EnrollmentServer", "InMaintenance")
    assert refused(enroll(server, device_type="WindowsPhone", version="8.0.1.1")) == (
        "EnrollmentServer",
        "",
    )


def test_the_trace_id_of_the_answer_is_in_the_log(
    server_factory: ServerFactory, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        answer = enroll(server_factory(limits=Limits(maintenance=True)))
    trace = ET.fromstring(answer.body or b"").findtext(".//{*}TraceId", "")
    assert len(trace) == 36
    assert trace in caplog.text


@pytest.mark.parametrize(
    "values",
    [{"device_cap": -1}, {"lowest_application_version": "ten"}]
    + [{"lowest_application_version": text} for text in ("8.", "1.2.3.4.5", "²", "-1")]
    + [{"highest_application_version": "1."}],
)
def test_limits_that_mean_nothing_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        Limits(**values)  # type: ignore[arg-type]


@settings(max_examples=50)
@given(st.tuples(*[st.integers(0, 10**9 - 1)] * 4), st.tuples(*[st.integers(0, 10**9 - 1)] * 4))
def test_versions_compare_as_numbers(
    lowest: tuple[int, int, int, int], found: tuple[int, int, int, int]
) -> None:
    limits = Limits(lowest_application_version=".".join(map(str, lowest)))
    try:
        limits.check_device(
            PROFILES["win10"], device_type="", application_version=".".join(map(str, found))
        )
    except Refusal:
        assert found < lowest
    else:
        assert found >= lowest


@settings(max_examples=40)
@given(st.text(max_size=40), st.text(alphabet="0123456789. x", max_size=40))
def test_any_text_passes_or_is_refused(device_type: str, version: str) -> None:
    limits = Limits(lowest_application_version="1")
    with contextlib.suppress(Refusal):
        limits.check_device(PROFILES["wp8"], device_type=device_type, application_version=version)
