"""What we emit reads back as the same values, also in other letters, another order, with noise."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdmcore.enrollment.provisioning import (
    Characteristic,
    Parm,
    ProvisioningDocument,
    parse_provisioning,
    serialize_provisioning,
)
from mdmcore.enrollment.provisioning_builder import build_document
from mdmcore.enrollment.provisioning_form import form_for
from mdmcore.enrollment.provisioning_model import Provisioning, Renew, Schedule
from mdmcore.enrollment.provisioning_reading import provisioning_of
from mdmcore.enrollment.token import parse_rstrc
from mdmcore.errors import MdmError, ServerFault
from mdmcore.profiles import PROFILES, DeviceProfile
from tests.enrollment.captures import win10_body
from tests.enrollment.oracles import check_provisioning
from tests.enrollment.provisioning_strategies import CONTENTS
from tests.enrollment.samples import document, sample_content
from tests.support.provisioning import content_of

PROFILE = st.sampled_from(list(PROFILES.values()))


@settings(max_examples=40)
@given(PROFILE, CONTENTS, st.sampled_from(["OnPremise", "Federated"]), st.booleans())
def test_what_we_emit_reads_back(
    profile: DeviceProfile, content: Provisioning, auth_policy: str, is_device: bool
) -> None:
    how = {"auth_policy": auth_policy, "is_device_enrollment": is_device}
    data = serialize_provisioning(build_document(profile, content, **how))  # type: ignore[arg-type]
    assert provisioning_of(parse_provisioning(data)) == form_for(profile, content, **how)  # type: ignore[arg-type]


@settings(max_examples=20)
@given(PROFILE, CONTENTS.map(lambda content: replace(content, extra=())), st.randoms())
def test_letters_order_and_noise_do_not_matter(
    profile: DeviceProfile, content: Provisioning, shuffle: random.Random
) -> None:
    built = build_document(profile, content)
    noisy = ProvisioningDocument(characteristics=_noisy(built.characteristics, shuffle))
    again = parse_provisioning(serialize_provisioning(noisy))
    assert _lowered(provisioning_of(again)) == _lowered(form_for(profile, content))


def _noisy(
    branches: tuple[Characteristic, ...], shuffle: random.Random
) -> tuple[Characteristic, ...]:
    """Names in other letters, branches in another order, something unknown among them."""
    found = [
        Characteristic(
            type=branch.type.swapcase(),
            parms=_shuffled(
                [
                    *(replace(parm, name=parm.name.swapcase()) for parm in branch.parms),
                    *([] if branch.type == "PrivateKeyContainer" else [Parm(name="noise")]),
                ],
                shuffle,
            ),
            characteristics=_noisy(branch.characteristics, shuffle),
        )
        for branch in branches
    ]
    if all(branch.type.isdigit() for branch in branches):
        return tuple(found)  # the first enterprise is the one that counts
    return _shuffled([*found, Characteristic(type="Noise")], shuffle)


def _shuffled[T](items: list[T], shuffle: random.Random) -> tuple[T, ...]:
    shuffle.shuffle(items)
    return tuple(items)


def _lowered(found: Provisioning) -> Provisioning:
    """Without what the letters of names and the noise change."""
    container = found.certificates.key_container
    certificates = replace(
        found.certificates,
        key_container=None
        if container is None
        else tuple(sorted((parm.name.lower(), parm.value) for parm in container)),  # type: ignore[arg-type]
    )
    registry, dm_client = found.registry, found.dm_client
    if registry is not None:
        registry = replace(
            registry,
            renewal_key=registry.renewal_key.lower(),
            retry_key=registry.retry_key.lower(),
        )
    if dm_client is not None:
        parms = [parm for parm in dm_client.parms if parm.name != "noise"]
        key = [(parm.name.swapcase().lower(), parm.value, parm.datatype) for parm in parms]
        dm_client = replace(dm_client, parms=tuple(sorted(key, key=str)))  # type: ignore[arg-type]
    return replace(
        found, certificates=certificates, registry=registry, dm_client=dm_client, extra=()
    )


def test_the_captured_document_reads() -> None:
    captured = parse_rstrc(win10_body(5)).document
    with pytest.raises(ServerFault, match="AAUTHDATA is no base64"):
        provisioning_of(parse_provisioning(captured))
    repaired = captured.replace(b'value="nonce"', b'value="bm9uY2U="')
    found = provisioning_of(parse_provisioning(repaired))
    assert found.application.server_credential.nonce == b"nonce"
    assert found.application.provider_id == "DEMO MDM"
    assert found.application.addr == "https://mdmwindows.com/ManagementServer/MDM.svc"
    assert found.application.parms.role == 4294967295
    assert found.application.device_credential.name == "dummy"
    assert found.dm_client is not None
    assert found.certificates.root is not None


def test_an_address_below_appaddr_and_an_empty_number() -> None:
    base = document(hub=None)
    application = base.characteristics[1]
    parms = tuple(parm for parm in application.parms if parm.name not in {"ADDR", "CONNRETRYFREQ"})
    below = Characteristic(type="APPADDR", parms=(Parm(name="ADDR", value="https://a.test/"),))
    changed = replace(
        application,
        parms=(*parms, Parm(name="CONNRETRYFREQ", value=" ")),
        characteristics=(*application.characteristics, below),
    )
    found = provisioning_of(_with(base, changed))
    assert found.application.addr == "https://a.test/"
    assert found.application.parms.conn_retry_freq is None


def test_values_that_are_absent_are_the_devices_defaults() -> None:
    renew = Characteristic(type="Renew")
    store = document(profile="wp81").characteristics[0]
    my = store.characteristics[-1]
    bare = replace(
        my,
        characteristics=(
            my.characteristics[0],
            Characteristic(type="WSTEP", characteristics=(renew,)),
        ),
    )
    changed = replace(store, characteristics=(*store.characteristics[:-1], bare))
    found = provisioning_of(_with(document(profile="wp81"), changed))
    assert found.certificates.renew == Renew(robo_support=False)
    key = r"HKLM\Software\Microsoft\Enrollment\OmaDmRetry"
    registry = Characteristic(type="Registry", characteristics=(Characteristic(type=key),))
    again = provisioning_of(_with(document(), registry))
    assert again.registry is not None
    assert again.registry.retries == Schedule(
        first_retries=0,
        first_interval=0,
        second_retries=0,
        second_interval=0,
        remaining_retries=0,
        remaining_interval=0,
    )
    assert (again.registry.renewal_period, again.registry.renewal_key) == (None, "")


def _with(base: ProvisioningDocument, branch: Characteristic) -> ProvisioningDocument:
    """The document with that branch in place of the one of its type."""
    kept = (branch if each.type == branch.type else each for each in base.characteristics)
    return ProvisioningDocument(characteristics=tuple(kept))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b'value="w7"', b'value="w5"', "no APPLICATION with APPID w7"),
        (b'value="CLIENT"', b'value="SERVER"', "no APPAUTH CLIENT"),
        (b'value="APPSRV"', b'value="OBEX"', "no APPAUTH APPSRV"),
        (b'type="My"', b'type="Mine"', "no client certificate"),
        (b'name="EncodedCertificate" value="', b'name="EncodedCertificate" value="!', "no base64"),
        (b'name="AAUTHDATA" value="', b'name="AAUTHDATA" value="!', "AAUTHDATA is no base64"),
        (b'name="AuxNumRetries" value="10"', b'name="AuxNumRetries" value="x"', "not a number"),
        (b'name="RenewalPeriod" value="42"', b'name="RenewalPeriod" value="4.2"', "not a number"),
    ],
)
def test_what_enrols_nobody_or_is_no_value_is_told(old: bytes, new: bytes, why: str) -> None:
    data = serialize_provisioning(document())
    assert old in data
    with pytest.raises(ServerFault, match=why):
        provisioning_of(parse_provisioning(data.replace(old, new)))


def test_a_flag_that_is_neither_is_told() -> None:
    data = serialize_provisioning(document(profile="wp81")).replace(b'value="true"', b'value="yes"')
    with pytest.raises(ServerFault, match="ROBOSupport 'yes' is neither"):
        provisioning_of(parse_provisioning(data))


def test_every_cut_is_an_error_of_ours() -> None:
    data = serialize_provisioning(document(profile="win81"))
    for length in range(0, len(data), 2):
        with pytest.raises(MdmError):
            provisioning_of(parse_provisioning(data[:length]))


@settings(max_examples=15)
@given(st.sampled_from(list(PROFILES)), CONTENTS)
def test_what_we_emit_has_the_shape_of_a_document(name: str, content: Provisioning) -> None:
    certificates = replace(
        content.certificates, client=b"0\x82client", root=b"0\x82root", intermediate=None
    )
    built = build_document(PROFILES[name], replace(content, certificates=certificates))
    check_provisioning(serialize_provisioning(built))


def test_the_sample_of_every_profile_reads_as_its_form() -> None:
    for profile in PROFILES.values():
        content = content_of(**sample_content())
        assert provisioning_of(build_document(profile, content)) == form_for(profile, content)
