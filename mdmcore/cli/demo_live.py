"""The demo's live half: the emulating proxy in the event loop, the phone in a thread beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mdmcore.cli.demo_material import HubFiles
from mdmcore.cli.life import LivePhone
from mdmcore.cli.transport import HttpTransport, trust_only
from mdmcore.mitm.runner import ProxySettings, run_proxy
from mdmcore.phone.keyring import Keyring
from mdmcore.phone.refusal import Refusal
from mdmcore.phone.settings import PhoneSettings
from mdmcore.phone.state import EnrolledPhone
from mdmcore.pki.request import generate_key

DOMAIN = "example.test"
EMAIL = f"demo@{DOMAIN}"
_DEVICE_ID = "urn:uuid:CE9DF168-3B6A-5099-83CB-A49FC6613F9D"

STEPS = (
    "Discovery, policies, enrolment",
    "First session: credentials and inventory",
    "Second session: with the nonces of the first",
    "Company Hub download, in ranges",
)

type OnStep = Callable[[int], None]
"""Called with the number of steps that are done, from 0 on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeOutcome:
    """How far the phone came; ``refusal`` when it gave up."""

    phone: EnrolledPhone | None
    steps_done: int
    hub_sha256: str | None = None
    refusal: Refusal | None = None


def live_through_proxy(
    scratch: Path, record: Path, hub: HubFiles, *, on_step: OnStep
) -> LifeOutcome:
    """Start the proxy with fresh state, let the phone live, stop the proxy."""
    settings = ProxySettings(
        scripts=("mdm_emulate", "mdm_inspect"),
        port=0,
        confdir=scratch / "confdir",
        record=record,
        options={
            "mdm_domains": [DOMAIN],
            "mdm_state": str(scratch / "state"),
            "mdm_hub": str(hub.package),
            "mdm_aetx": str(hub.aetx),
            "mdm_profile": "wp8",
        },
    )
    return asyncio.run(_live(settings, on_step))


async def _live(settings: ProxySettings, on_step: OnStep) -> LifeOutcome:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    listening: asyncio.Future[int] = loop.create_future()
    proxy = asyncio.create_task(
        run_proxy(settings, on_listening=lambda _host, port: listening.set_result(port), stop=stop)
    )
    # A proxy that cannot start ends with the reason, and nobody would ever listen.
    proxy.add_done_callback(lambda _task: listening.done() or listening.cancel())
    try:
        await asyncio.wait([listening])
        if listening.cancelled():
            await proxy
        assert settings.confdir is not None
        authority = (settings.confdir / "mitmproxy-ca-cert.pem").read_text(encoding="ascii")
        return await asyncio.to_thread(_phone_life, listening.result(), authority, on_step)
    finally:
        stop.set()
        await proxy


def _phone_life(port: int, authority_pem: str, on_step: OnStep) -> LifeOutcome:
    settings = PhoneSettings(email=EMAIL, username=EMAIL, password="demo", device_id=_DEVICE_ID)
    keys = Keyring(generate_key)
    done = 0
    with HttpTransport(
        proxy=f"http://127.0.0.1:{port}", trust=trust_only(authority_pem), keys=keys
    ) as transport:
        live = LivePhone(settings, transport, keys=keys)
        try:
            for step in (live.enroll, live.sync, live.sync):
                on_step(done)
                step()
                done += 1
            on_step(done)
            package = live.download_hub()
        except Refusal as refusal:
            return LifeOutcome(phone=live.phone, steps_done=done, refusal=refusal)
    on_step(done + 1)
    return LifeOutcome(phone=live.phone, steps_done=done + 1, hub_sha256=package.sha256)
