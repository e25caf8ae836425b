"""Checks of mitmproxy's own folder: the CA that a phone has to trust, and its options file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from mitmproxy import exceptions, optmanager
from mitmproxy.options import CONF_BASENAME

from mdmcore.cli.doctor.result import Check, Result, Setup, ok, problem, warning
from mdmcore.cli.doctor.validity import validity_result
from mdmcore.errors import Asn1Error
from mdmcore.pki.certificate import Certificate, parse_certificate
from mdmcore.pki.pem import CERTIFICATE, pem_blocks
from mdmcore.platform import others_may_read

CERTIFICATE_NAME = f"{CONF_BASENAME}-ca-cert.pem"
CER_NAME = f"{CONF_BASENAME}-ca-cert.cer"
KEY_NAME = f"{CONF_BASENAME}-ca.pem"
CONFIG_NAME = "config.yaml"

_MAX_BYTES = 1024 * 1024
_RENEW = "put the folder aside: the next start makes a new CA, which phones have to install again"


def check_certificate(setup: Setup) -> Result:
    """The CA's certificate, as it has to be put on the phone."""
    path = setup.confdir / CERTIFICATE_NAME
    if not path.exists():
        return ok(f"mitmproxy makes its CA in {setup.confdir} at the first start")
    try:
        certificate = first_certificate(_read(path))
    except (Asn1Error, ValueError, OSError) as error:
        return problem(f"{path} is no certificate: {error}", _RENEW)
    return validity_result(
        certificate,
        setup.now,
        f"mitmproxy's CA in {path}, thumbprint {spaced(certificate.thumbprint)},",
        renew=_RENEW,
        facts={
            "path": str(path),
            "thumbprint": certificate.thumbprint,
            "sha256": hashlib.sha256(certificate.der).hexdigest(),
        },
    )


def check_for_phone(setup: Setup) -> Result | None:
    """Where a phone gets that certificate."""
    path = setup.confdir / CER_NAME
    if not (setup.confdir / CERTIFICATE_NAME).exists():
        return None
    at_hand = f"open http://mitm.it through the proxy, or send it {path} by mail"
    if not path.exists():
        return warning(
            f"{path} is missing; phones want that form",
            f"copy {CERTIFICATE_NAME} to {CER_NAME}, or open http://mitm.it on the phone",
        )
    return ok(f"the phone gets it so: {at_hand}", {"path": str(path)})


def check_key(setup: Setup) -> Result | None:
    """The CA's private key: whoever has it can read what every phone says."""
    path = setup.confdir / KEY_NAME
    if not path.exists():
        return None
    with path.open("rb") as file:
        if others_may_read(file.fileno()):
            return problem(f"others may read the CA's private key in {path}", f"chmod 600 {path}")
    return ok(f"the CA's private key in {path} is for its owner alone", {"path": str(path)})


def check_proxyauth(setup: Setup) -> Result | None:
    """A proxy that demands a password: phones cannot answer it."""
    path = setup.confdir / CONFIG_NAME
    if not path.exists():
        return None
    try:
        options = optmanager.parse(_read(path).decode("utf-8"))
    except (exceptions.OptionsError, UnicodeDecodeError, OSError) as error:
        reason = str(error).strip().split("\n", 1)[0]
        return warning(f"{path} cannot be read: {reason}", "mend or remove it")
    if options.get("proxyauth"):
        return problem(
            f"{path} sets proxyauth: a phone cannot answer a proxy that asks for a password",
            "remove that line; restrict who may connect by the address to listen on",
            rule="proxy-auth-challenge",
        )
    return ok(f"{path} sets no proxyauth, which phones cannot answer")


def first_certificate(data: bytes) -> Certificate:
    """The first certificate of a PEM text; ValueError when there is none."""
    for block in pem_blocks(data):
        if block.label == CERTIFICATE:
            return parse_certificate(block.der)
    raise ValueError("no certificate in it")


def spaced(thumbprint: str) -> str:
    """A thumbprint in pairs, as phones show it."""
    return " ".join(thumbprint[at : at + 2] for at in range(0, len(thumbprint), 2))


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MAX_BYTES)


CHECKS = (
    Check(name="proxy-ca", group="proxy", function=check_certificate),
    Check(name="proxy-ca-for-phone", group="proxy", function=check_for_phone),
    Check(name="proxy-ca-key", group="proxy", function=check_key),
    Check(name="proxyauth", group="proxy", function=check_proxyauth),
)
