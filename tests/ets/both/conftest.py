"""A phone and its server, with every message as text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from mdmcore.enrollment.aetx import parse_aetx, serialize_aet, serialize_aetx
from mdmcore.enrollment.provisioning_model import ApplicationParms
from mdmcore.http import Request, Response
from mdmcore.phone import EnrolledPhone, SessionOutcome, enroll, run, sync
from mdmcore.server import Hub
from mdmcore.server.settings import ProvisioningSettings
from tests.ets import text as t
from tests.ets import wbxml
from tests.ets.conftest import MakeBench
from tests.ets.device import Bench, queue_for
from tests.ets.text import Message
from tests.phone.generations import phone_of
from tests.support.keys import load_key
from tests.support.server import counted_random


class Package:
    """The hub's file."""

    size = 3
    etag = '"1"'
    media_type = "application/x-silverlight-app"

    def read(self, start: int, length: int) -> bytes:
        """Its bytes."""
        return b"hub"[start : start + length]


def hub() -> Hub:
    """A hub, which makes the server an enterprise that may install apps."""
    aetx = parse_aetx(serialize_aetx("4000000001", serialize_aet("4000000001")))
    return Hub(
        package=Package(),
        file_name="company.xap",
        product_id="{11111111-2222-3333-4444-555555555555}",
        enterprise_id=aetx.enterprise_id,
        enrollment_token=aetx.enrollment_token,
    )


@dataclass
class Pair:
    """A phone and its server; every message is kept as text."""

    bench: Bench
    phone: EnrolledPhone
    asked: list[Message] = field(default_factory=list)
    told: list[Message] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        """The server's answer; both are read by hand."""
        response = self.bench.server.answer(request)
        if request.media_type in {t.XML_TYPE, t.WBXML_TYPE}:
            assert response.media_type == request.media_type
            self.requests.append(request)
            self.asked.append(self._read(request.body, request.media_type))
            self.told.append(self._read(response.body, request.media_type))
        return response

    @staticmethod
    def _read(body: bytes | None, media_type: str) -> Message:
        data = body or b""
        return Message(wbxml.decode(data) if media_type == t.WBXML_TYPE else data)

    def sync(self, answer: Callable[[Request], Response] | None = None) -> SessionOutcome:
        """A session; the phone is then as it left it."""
        self.bench.clock.advance(minutes=30)
        random = counted_random(f"session {self.phone.sessions}")
        leg = sync(self.phone, random=random, clock=self.bench.clock)
        outcome = run(leg, answer or self.answer)
        self.phone = outcome.phone
        return outcome

    def queue(self, commands: str, *, recipe: str = "send") -> int:
        """Queue commands for the phone."""
        ((name,),) = (row.values() for row in self.bench.rows("select name from accounts"))
        return queue_for(self.bench, name, commands, recipe=recipe)

    def state(self, job: int) -> str:
        """What became of a job."""
        (row,) = self.bench.rows("select state from queue where id = ?", job)
        return str(row["state"])

    def results(self, job: int) -> list[tuple[str, str | None]]:
        """Code and value of each of its results."""
        rows = self.bench.rows(
            "select code, value from job_results where job = ? order by position, item", job
        )
        return [(row["code"], row["value"]) for row in rows]


@pytest.fixture
def pair(make_bench: MakeBench) -> Callable[..., Pair]:
    """Enrols a phone of a profile at a new server, speaking that encoding."""

    def make(
        profile: str = "wp8",
        encoding: str = t.XML_TYPE,
        *,
        has_hub: bool = False,
        **changes: Any,
    ) -> Pair:
        application = ApplicationParms(default_encoding=encoding)
        bench = make_bench(
            users=(("user@example.test", "pass & word"),),
            profile=profile,
            hub=hub() if has_hub else None,
            auth_policies=("Federated",) if profile == "win81" else ("OnPremise",),
            provisioning=ProvisioningSettings(application=application),
        )
        phone = run(
            enroll(
                phone_of(profile, **changes),
                private_key=load_key("device"),
                random=counted_random("phone"),
                clock=bench.clock,
            ),
            bench.server.answer,
        )
        return Pair(bench, phone)

    return make


type MakePair = Callable[..., Pair]
