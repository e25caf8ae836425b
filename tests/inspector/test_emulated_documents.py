"""What our own server hands out to each generation, told to the inspector: nothing to find."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from mdmcore.http import Exchange, Headers, Request
from mdmcore.inspector import Inspector
from mdmcore.namespaces import SOAP_CONTENT_TYPE
from mdmcore.pki.authority_chain import load_authority_chain
from tests.support import messages as m
from tests.support.authorities import chain_pem
from tests.support.generations import GENERATIONS, HUB, rst
from tests.support.server import NOW, make_server

VERSIONS = {"wp8": "1.0", "wp81": "2.0", "win81": "", "win10": "9.0"}


@pytest.mark.parametrize("has_intermediate", [False, True])
@pytest.mark.parametrize("generation", GENERATIONS)
def test_nothing_is_found_in_the_enrolment_of_any_generation(
    tmp_path: Path, generation: str, has_intermediate: bool
) -> None:
    device_type, version = GENERATIONS[generation]
    own = load_authority_chain((chain_pem(),), password=None, now=NOW)
    server, store = make_server(tmp_path, hub=HUB, authority=own if has_intermediate else None)
    more = f"<ApplicationVersion>{version}</ApplicationVersion>"
    steps = {
        "Discovery": m.discover(version=VERSIONS[generation], device_type=device_type, more=more),
        "Policy": m.get_policies(),
        "Enrollment": rst(device_type, version, user="demo@example.test"),
    }
    inspector = Inspector()
    with closing(store):
        for number, (name, body) in enumerate(steps.items()):
            request = Request(
                method="POST",
                url=f"https://mdm.example.test/EnrollmentServer/{name}.svc",
                headers=Headers([("Content-Type", SOAP_CONTENT_TYPE)]),
                body=body,
            )
            inspector.inspect(
                Exchange(
                    id=f"c:{number}",
                    index=number,
                    capture="c",
                    request=request,
                    response=server.answer(request),
                    started=NOW,
                    peer="192.0.2.1",
                )
            )
    assert [(finding.rule, finding.message) for finding in inspector.findings()] == []
    (life,) = inspector.lives()
    assert life.profile == generation
