"""One engine per master: options, server, order, origin; what a reload and an end leave."""

from __future__ import annotations

import asyncio
import re
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from mitmproxy import exceptions
from mitmproxy.test import taddons, tflow

from mdmcore.base64_text import encode_base64
from mdmcore.capture import open_capture
from mdmcore.enrollment.security import username_token
from mdmcore.enrollment.token import serialize_rst, serialize_rstrc
from mdmcore.errors import ConfigError
from mdmcore.http import Exchange, Headers, Request, Response, TlsFacts
from mdmcore.mitm.emulate import Emulate
from mdmcore.mitm.engine import Engine, engine_of, utc_now
from mdmcore.mitm.flow_file import flow_from
from mdmcore.mitm.state import DATABASE_NAME
from mdmcore.namespaces import SOAP_CONTENT_TYPE, SYNCML_XML_MEDIA_TYPE
from mdmcore.pki.authority import Authority, create_authority, to_pem
from mdmcore.report import analyze
from mdmcore.server import MdmServer
from mdmcore.store import Database
from mdmcore.syncml.xml import serialize_syncml
from tests.support.keys import load_key
from tests.support.messages import syncml
from tests.support.proxy import ENTERPRISE_ID, flows_in, write_hub
from tests.support.requirements import CHECKOUT
from tests.support.story import (
    DM_URL,
    EMAIL,
    ENROLLMENT_URL,
    HUB,
    NOW,
    Recorded,
    answer,
    device_cred,
    document,
    package1,
    phone_csr,
    rules_of,
)

PROBE = Request(
    method="GET", url="https://enterpriseenrollment.example.test/EnrollmentServer/Discovery.svc"
)


def test_there_is_one_engine_for_a_master(tctx: taddons.context, engine: Engine) -> None:
    assert engine_of(tctx.master) is engine


def test_without_an_emulating_addon_no_state_is_made(
    tctx: taddons.context, engine: Engine, tmp_path: Path
) -> None:
    tctx.options.update(mdm_domains=["corp.test"])
    assert not engine.answers_for("corp.test")
    assert not (tmp_path / "state").exists()


async def test_the_server_answers_for_the_domains(engine: Engine, emulate: Emulate) -> None:
    assert engine.answers_for("MDM.example.test")
    assert not engine.answers_for("www.example.test")
    assert (await engine.answer(PROBE, None)).status == 200


def test_changed_options_take_effect(
    tctx: taddons.context, engine: Engine, emulate: Emulate
) -> None:
    tctx.options.update(mdm_domains=["corp.test"])
    assert engine.answers_for("mdm.corp.test")
    assert not engine.answers_for("mdm.example.test")


def test_a_reloaded_script_finds_the_same_server(
    tctx: taddons.context, engine: Engine, emulate: Emulate
) -> None:
    server = engine.server
    tctx.master.addons.remove(emulate)
    again = Emulate()
    tctx.master.addons.add(again)
    again.configure(tctx.options.keys())
    assert engine_of(tctx.master) is engine
    # A new script asks for the server again; its state is the same.
    assert engine.server is not None
    assert server is not None


def test_at_the_start_a_bad_option_is_one_log_line(
    tctx: taddons.context, engine: Engine, emulate: Emulate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()
    tctx.options.update(mdm_users=["nocolon"])
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert caplog.messages[0].startswith("mdmproxy: a user is NAME:PASSWORD")
    assert isinstance(engine.problem, ConfigError)
    tctx.options.update(mdm_users=["a:b"])
    assert engine.problem is None


def test_later_a_bad_option_is_refused_and_rolled_back(
    tctx: taddons.context, engine: Engine, emulate: Emulate
) -> None:
    engine.running()
    with pytest.raises(exceptions.OptionsError, match="NAME:PASSWORD"):
        tctx.options.update(mdm_users=["nocolon"])
    assert tctx.options.mdm_users == []
    assert engine.answers_for("mdm.example.test")


def test_the_configuration_file_is_read(
    tctx: taddons.context, engine: Engine, emulate: Emulate, tmp_path: Path
) -> None:
    path = tmp_path / "emulate.toml"
    path.write_text('[server]\ndomains = ["file.test"]\nprofile = "win10"\nstate = "kept"\n')
    tctx.options.update(mdm_config=str(path))
    assert engine.answers_for("mdm.file.test")
    assert not engine.answers_for("mdm.example.test")
    assert engine.server is not None
    assert engine.server.settings.profile == "win10"
    assert (tmp_path / "kept" / "enrollment-ca.pem").is_file()
    tctx.options.update(mdm_domains=["option.test"])
    assert engine.answers_for("mdm.option.test")
    assert engine.server.settings.profile == "win10"


def test_the_state_tells_whoever_queues_jobs_which_server_it_is(
    tctx: taddons.context, engine: Engine, emulate: Emulate, tmp_path: Path
) -> None:
    package, aetx = write_hub(tmp_path)
    path = tmp_path / "emulate.toml"
    path.write_text(
        '[server]\nprovider_id = "Ours"\nstate = "kept"\ndomains = ["a.test", "b.test"]\n'
    )
    tctx.options.update(mdm_config=str(path), mdm_hub=str(package), mdm_aetx=str(aetx))
    with closing(Database(tmp_path / "kept" / DATABASE_NAME)) as store:
        facts = store.server_facts()
    assert facts is not None
    assert (facts.provider_id, facts.enterprise_id) == ("Ours", ENTERPRISE_ID)
    assert facts.hub_url == "https://mdm.a.test/CompanyHub/hub.xap"
    assert facts.product_id


def test_a_bad_configuration_file_is_a_bad_option(
    tctx: taddons.context, engine: Engine, emulate: Emulate, tmp_path: Path
) -> None:
    path = tmp_path / "emulate.toml"
    path.write_text("[provisioning.poll]\nfirst_retries = 0\n")
    tctx.options.update(mdm_config=str(path))
    assert f"{path}: $.provisioning.poll.first_retries: " in str(engine.problem)


def test_ones_own_ca_issues_and_the_state_stays(
    tctx: taddons.context, engine: Engine, emulate: Emulate, tmp_path: Path
) -> None:
    state = engine._state
    path = tmp_path / "ca.pem"
    path.write_bytes(to_pem(_ca(days=3650)))
    path.chmod(0o600)
    tctx.options.update(mdm_ca=[str(path)])
    assert engine.problem is None
    assert engine._state is not None
    assert engine._state is not state
    assert engine._state.authority.parsed.subject.common_name == "Brought along"
    again = engine._state
    tctx.options.update(mdm_subject="CN={serial}")
    assert engine._state is again


def test_a_ca_that_ends_soon_is_warned_of(
    tctx: taddons.context,
    engine: Engine,
    emulate: Emulate,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = tmp_path / "ca.pem"
    path.write_bytes(to_pem(_ca(days=30)))
    path.chmod(0o600)
    tctx.options.update(mdm_ca=[str(path)])
    assert "inside the renewal period" in caplog.text


def _ca(*, days: int) -> Authority:
    return create_authority(
        common_name="Brought along",
        private_key=load_key("authority"),
        now=utc_now(),
        serial=1,
        lifetime=timedelta(days=days),
    )


def test_without_a_profile_the_inspector_finds_it_out(
    tctx: taddons.context, engine: Engine, emulate: Emulate
) -> None:
    assert engine.judging.profile == "auto"
    assert engine.server is not None
    assert engine.server.settings.profile == "wp8"
    tctx.options.update(mdm_profile="wp81")
    assert (engine.judging.profile, engine.server.settings.profile) == ("wp81", "wp81")


def test_a_recording_is_not_mitmproxys_own(
    tctx: taddons.context, engine: Engine, tmp_path: Path
) -> None:
    path = tmp_path / "100%done.mitm"
    tctx.options.update(mdm_record=str(path))
    assert tctx.options.save_stream_file is None
    assert path.read_bytes() == b""
    assert engine.problem is None


def test_two_recordings_in_one_file_are_refused(
    tctx: taddons.context, engine: Engine, tmp_path: Path
) -> None:
    tctx.options.update(save_stream_file=f"+{tmp_path / 'a.mitm'}")
    tctx.options.update(mdm_record=str(tmp_path / "b.mitm"))
    assert engine.problem is None
    tctx.options.update(mdm_record=str(tmp_path / "a.mitm"))
    assert "use one of them" in str(engine.problem)


def test_another_file_can_be_chosen_while_it_runs(
    tctx: taddons.context, engine: Engine, tmp_path: Path
) -> None:
    for name in ("a", "b", "a"):
        tctx.options.update(mdm_record=str(tmp_path / name))
        engine.recorder.add(tflow.tflow(resp=True))
    tctx.options.update(mdm_record="")
    engine.recorder.add(tflow.tflow(resp=True))
    assert [len(flows_in(tmp_path / name)) for name in ("a", "b")] == [2, 1]


def test_a_file_that_cannot_be_written_is_refused(
    tctx: taddons.context, engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    tctx.options.update(mdm_record=str(tmp_path / "file" / "a.mitm"))
    assert engine.problem is not None


@pytest.mark.parametrize(("minutes", "rules"), [(1, set()), (60, {"first-sync-window-missed"})])
def test_a_wait_that_says_something_is_in_the_recording(
    engine: Engine,
    tctx: taddons.context,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    minutes: int,
    rules: set[str],
) -> None:
    path = tmp_path / "a.mitm"
    tctx.options.update(mdm_record=str(path))
    story = Recorded("wp8", lambda exchange: engine.recorder.add(flow_from(exchange)))
    story.enrolled(document(profile="wp8"))
    engine.judging.inspector = story.inspector
    end = story.now + timedelta(minutes=minutes)
    monkeypatch.setattr("mdmcore.mitm.engine.utc_now", lambda: end)
    engine.judging.findings()  # looking at them earlier makes no difference
    engine.done()
    live = {(one.rule, one.severity, one.message) for one in engine.judging.findings()}
    capture = open_capture(path)
    again = analyze([capture]).run().findings
    assert {(one.rule, one.severity, one.message) for one in again} == live
    assert {rule for rule, _, _ in live} >= rules
    assert capture.until == (end if rules else None)


async def test_tokens_are_compared_with_the_aetx(
    tctx: taddons.context, engine: Engine, tmp_path: Path
) -> None:
    _, aetx = write_hub(tmp_path)
    token = encode_base64(b'<AET><EnterpriseId Value="1234567"/><!-- older --></AET>')
    wap = document(hub=replace(HUB, enterprise_id=ENTERPRISE_ID, enrollment_token=token))

    def exchange(capture: str, index: int) -> Exchange:
        asked = serialize_rst(
            phone_csr(), security=username_token(EMAIL, "pw"), message_id="1", to=ENROLLMENT_URL
        )
        answered = serialize_rstrc(wap, relates_to="1", created=NOW, expires=NOW)
        headers = Headers([("Content-Type", SOAP_CONTENT_TYPE)])
        return Exchange(
            id=f"{capture}:{index}",
            index=index,
            capture=capture,
            request=Request(method="POST", url=ENROLLMENT_URL, headers=headers, body=asked),
            response=Response(status=200, headers=headers, body=answered),
        )

    rule = "eam-token-differs-from-aetx"
    _, without = await engine.judging.inspect(exchange)
    assert rule not in rules_of(without.findings)
    tctx.options.update(mdm_aetx=str(aetx))
    _, compared = await engine.judging.inspect(exchange)
    assert rule in rules_of(compared.findings)
    tctx.options.update(mdm_disable=[rule])
    _, silenced = await engine.judging.inspect(exchange)
    assert rule not in rules_of(silenced.findings)
    engine.running()
    with pytest.raises(exceptions.OptionsError, match="no rule is called"):
        tctx.options.update(mdm_severity=["no-such-rule=error"])


def test_an_aetx_that_is_none_is_refused(
    tctx: taddons.context, engine: Engine, tmp_path: Path
) -> None:
    engine.running()
    for path in (tmp_path / "missing.aetx", tmp_path):
        with pytest.raises(exceptions.OptionsError, match=re.escape(str(path))):
            tctx.options.update(mdm_aetx=str(path))


async def test_secrets_of_a_file_are_the_inspectors(
    tctx: taddons.context, engine: Engine, tmp_path: Path
) -> None:
    def exchange(capture: str, index: int) -> Exchange:
        headers = Headers([("Content-Type", SYNCML_XML_MEDIA_TYPE)])
        asked = serialize_syncml(package1(cred=device_cred(secret="another")))
        answered = serialize_syncml(answer("1", "401", next_nonce=b"n" * 16))
        return Exchange(
            id=f"{capture}:{index}",
            index=index,
            capture=capture,
            request=Request(method="POST", url=DM_URL, headers=headers, body=asked),
            response=Response(status=200, headers=headers, body=answered),
        )

    rule = "digest-from-unknown-values"
    _, without = await engine.judging.inspect(exchange)
    assert rule not in rules_of(without.findings)
    tctx.options.update(mdm_secrets=str(CHECKOUT / "docs" / "examples" / "secrets.toml"))
    _, verified = await engine.judging.inspect(exchange)
    assert rule in rules_of(verified.findings)
    engine.running()
    with pytest.raises(exceptions.OptionsError, match="no such file"):
        tctx.options.update(mdm_secrets=str(tmp_path / "none.toml"))


@pytest.mark.parametrize(("chosen", "expected"), [(None, "lazy"), ("eager", "eager")])
def test_lazy_unless_the_user_chose(
    tctx: taddons.context,
    engine: Engine,
    chosen: str | None,
    expected: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    if chosen is not None:
        tctx.options.update(connection_strategy=chosen)
    engine.prefer_lazy()
    assert tctx.options.connection_strategy == expected
    assert ("does not exist in DNS" in caplog.text) is (expected == "eager")


async def test_messages_of_one_device_wait_and_others_pass(
    engine: Engine, emulate: Emulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first message of A is held; its second must wait, one of B must not."""
    release, seen = threading.Event(), []
    both = threading.Event()

    def answer(self: MdmServer, request: Request, tls: TlsFacts | None) -> Response:
        name = request.headers.get("X-Name")
        seen.append(name)
        if name == "B":
            both.set()
        if name == "A1":
            assert release.wait(20)
        return Response(status=200)

    monkeypatch.setattr(MdmServer, "answer", answer)

    def post(name: str, device: str) -> asyncio.Task[Response]:
        headers = Headers([("Content-Type", "application/vnd.syncml.dm+xml"), ("X-Name", name)])
        body = syncml("", device_id=device)
        request = Request(method="POST", url="https://x/", headers=headers, body=body)
        return asyncio.create_task(engine.answer(request, "10.0.0.1"))

    first = post("A1", "A")
    while not seen:
        await asyncio.sleep(0)
    second, other = post("A2", "A"), post("B", "B")
    assert await asyncio.to_thread(both.wait, 20)
    await other
    assert seen == ["A1", "B"]
    release.set()
    await asyncio.gather(first, second)
    assert seen == ["A1", "B", "A2"]


async def test_the_end_gives_everything_back(
    tctx: taddons.context, engine: Engine, emulate: Emulate, tmp_path: Path
) -> None:
    package, aetx = write_hub(tmp_path)
    tctx.options.update(mdm_hub=str(package), mdm_aetx=str(aetx))
    origin = engine.hub_origin
    assert origin is not None
    await origin.start()
    engine.done()
    assert engine.hub_origin is None
    assert not engine.answers_for("mdm.example.test")
    with pytest.raises(ConfigError, match="not running"):
        await engine.answer(PROBE, None)
    with pytest.raises(OSError, match=r"."):
        await asyncio.open_connection(origin.host, origin.port)


def test_a_checkpoint_of_a_test_is_told_of_each_dm_message(
    tctx: taddons.context, engine: Engine, tmp_path: Path
) -> None:
    reached: list[str] = []
    engine.checkpoint = reached.append
    engine.want_server()
    tctx.options.update(mdm_state=str(tmp_path))
    assert engine.server is not None
    url = "https://mdm.example.test/ManagementServer/MDM.svc"
    headers = Headers([("Content-Type", "application/vnd.syncml.dm+xml")])
    engine.server.answer(Request(method="POST", url=url, headers=headers, body=syncml("")))
    assert reached == ["received 1A/1", "stored 1A/1"]
