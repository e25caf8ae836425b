"""Reading the token of a renewal into its parts, whatever is wrong with it (enrollment.md 10)."""

from __future__ import annotations

from mdmcore.errors import ParseError
from mdmcore.pki.cms import signers_problem
from mdmcore.pki.renewal import peel_renewal_token
from mdmcore.rules.decoded import RenewalPart


def read_renewal(token: str | bytes) -> RenewalPart:
    """The PKCS#7 in the text of a BinarySecurityToken, or in what is left of it after decoding.

    Never raises: what cannot be read stands in ``problem``.
    """
    raw = token.encode("utf-8", "replace") if isinstance(token, str) else token
    try:
        signed, layers = peel_renewal_token(token)
    except ParseError as error:
        return RenewalPart(raw=raw, problem=error)
    return RenewalPart(
        raw=raw, layers=layers, signed=signed, signer_problem=signers_problem(signed)
    )
