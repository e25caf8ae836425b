"""An exchange's decoded parts as plain JSON values, secrets masked unless they shall be shown."""

from __future__ import annotations

from typing import Any

from mdmcore.codes import code_words
from mdmcore.enrollment.fault import SoapFault
from mdmcore.enrollment.soap import Envelope
from mdmcore.errors import MdmError
from mdmcore.inspector.describe_provisioning import describe_provisioning
from mdmcore.inspector.describe_syncml import describe_syncml, describe_wbxml
from mdmcore.inspector.describe_token import describe_user_token
from mdmcore.inspector.describe_wab import describe_wab_page, describe_wab_request
from mdmcore.inspector.masking import Mask
from mdmcore.pki.certificate import Certificate, parse_certificate
from mdmcore.pki.cms import digest_name
from mdmcore.rules.decoded import BodySide, CsrPart, Decoded, HubFacts, Kind, Note, RenewalPart

type Json = dict[str, Any]


def describe(decoded: Decoded, mask: Mask) -> Json:
    """``request``, ``response`` and, for a download, ``hub``; empty parts are left out."""
    request = _side(decoded.request, mask) | _request_parts(decoded, mask)
    response = _side(decoded.response, mask) if decoded.response is not None else {}
    response |= _response_parts(decoded, mask)
    result: Json = {"request": request, "response": response}
    if decoded.kind is Kind.HUB and decoded.hub is not None:
        result["hub"] = _hub(decoded.hub)
    if decoded.notes:
        result["notes"] = [_note(note) for note in decoded.notes]
    return {name: value for name, value in result.items() if value}


def _side(side: BodySide, mask: Mask) -> Json:
    result: Json = {}
    if side.envelope is not None:
        result["soap"] = _envelope(side.envelope, mask)
    if side.fault is not None:
        result["fault"] = _fault(side.fault)
    if side.syncml is not None:
        result["syncml"] = describe_syncml(side.syncml, mask)
        result |= {"encoding": side.encoding, "charset": side.charset}
    if side.wbxml is not None:
        result["wbxml"] = describe_wbxml(side.wbxml)
    if side.problems:
        result["xml_problems"] = [
            {"message": p.message, "line": p.line, "column": p.column} for p in side.problems
        ]
    if side.notes:
        result["notes"] = [_note(note) for note in side.notes]
    return result


def _fault(fault: SoapFault) -> Json:
    """The fault with its detail, and what Windows 10 makes of it."""
    return {
        "code": fault.code,
        "subcode": fault.subcode,
        "reason": fault.reason,
        "error_type": fault.error_type,
        "message": fault.detail_message,
        "trace_id": fault.trace_id,
        "hresult": None if fault.hresult is None else f"0x{fault.hresult:08X}",
    } | code_words("hresult", fault.hresult)


def _note(note: Note) -> Json:
    return {"message": note.message} | ({"place": note.place} if note.place else {})


def _envelope(envelope: Envelope, mask: Mask) -> Json:
    result: Json = {
        "version": envelope.soap_version,
        "action": envelope.action,
        "message_id": envelope.message_id,
        "relates_to": envelope.relates_to,
        "to": envelope.to,
        "body": envelope.body_name,
        "username": envelope.username,
        "password": mask.secret(envelope.password),
    }
    if envelope.user_token is not None:
        result["user_token"] = describe_user_token(envelope.user_token, mask)
    return {name: value for name, value in result.items() if value}


def _request_parts(decoded: Decoded, mask: Mask) -> Json:
    result: Json = {}
    if decoded.discover is not None:
        found = decoded.discover
        result["discover"] = {
            "email_address": found.email_address,
            "request_version": found.request_version,
            "device_type": found.device_type,
            "application_version": found.application_version,
            "os_edition": found.os_edition,
            "auth_policies": list(found.auth_policies),
        }
    if decoded.rst is not None:
        result["rst"] = {
            "token_type": decoded.rst.token_type,
            "request_type": decoded.rst.request_type,
            "value_type": decoded.rst.value_type,
            "context": [
                {"name": name, "value": mask.parm(name, value)}
                for name, value in decoded.rst.context
            ],
        }
    if decoded.renewal is not None:
        result["renewal"] = describe_renewal(decoded.renewal)
    if decoded.csr is not None:
        result["csr"] = describe_csr(decoded.csr)
    if decoded.wab is not None:
        result["wab"] = describe_wab_request(decoded.wab)
    return {name: value for name, value in result.items() if value}


def _response_parts(decoded: Decoded, mask: Mask) -> Json:
    result: Json = {}
    if decoded.discover_response is not None:
        found = decoded.discover_response
        result["discover_response"] = {
            "auth_policy": found.auth_policy,
            "enrollment_version": found.enrollment_version,
            "policy_url": found.policy_url,
            "enrollment_url": found.enrollment_url,
            "authentication_url": found.authentication_url,
        }
    if decoded.policies is not None:
        policies = decoded.policies
        result["policies"] = {
            "policy_schema": policies.policy_schema,
            "minimal_key_length": policies.minimal_key_length,
            "hash_oid": policies.hash_oid,
            "oids": [{"value": oid.value, "group": oid.group} for oid in policies.oids],
        }
    if decoded.rstrc is not None:
        result["rstrc"] = {
            "responses": decoded.rstrc.count,
            "token_type": decoded.rstrc.token_type,
            "value_type": decoded.rstrc.value_type,
            "token_bytes": len(decoded.rstrc.document),
        }
        if decoded.token_form is not None:
            result["rstrc"]["token_form"] = decoded.token_form.value
    if decoded.provisioning is not None:
        result["provisioning"] = describe_provisioning(decoded.provisioning, mask)
    if decoded.wab is not None:
        result["wab"] = describe_wab_page(decoded.wab, mask)
    return {name: value for name, value in result.items() if value}


def describe_csr(part: CsrPart) -> Json:
    """The facts of a CSR: subject with NUL and ``!`` shown, string types, key, signature."""
    if part.csr is None:
        return {"bytes": len(part.raw), "problem": str(part.problem)}
    csr = part.csr
    return {
        "subject": csr.subject.rfc4514(),
        "subject_types": [attribute.type_name for attribute in csr.subject.attributes],
        "subject_has_nul": any(attribute.has_nul for attribute in csr.subject.attributes),
        "subject_is_printable": all(a.is_printable_alphabet for a in csr.subject.attributes),
        "key_bits": csr.key_bits,
        "signature_algorithm": csr.signature_algorithm,
        "digest": csr.digest_name,
        "self_signature": part.signature_problem or "valid",
        "spki_sha256": csr.spki_sha256,
    }


def describe_renewal(part: RenewalPart) -> Json:
    """The facts of a renewal's PKCS#7: base64 around it, signer, verdict. The CSR is beside it."""
    if part.signed is None:
        return {"bytes": len(part.raw), "problem": str(part.problem)}
    signer = part.signer
    return {
        "base64_layers": part.layers,
        "content_type": part.signed.content_type,
        "content_bytes": len(part.signed.content or b""),
        "signers": len(part.signed.signers),
        "digests": [digest_name(each) for each in part.signed.signers],
        "signer": None if signer is None else describe_certificate(signer),
        "signature": "valid" if part.signer_problem is None else str(part.signer_problem),
    }


def describe_certificate(certificate: Certificate) -> Json:
    """The facts of a certificate; times in RFC 3339, UTC."""
    return {
        "subject": certificate.subject.rfc4514(),
        "subject_types": [a.type_name for a in certificate.subject.attributes],
        "issuer": certificate.issuer.rfc4514(),
        "serial": f"{certificate.serial:x}",
        "not_before": certificate.not_before.isoformat().replace("+00:00", "Z"),
        "not_after": certificate.not_after.isoformat().replace("+00:00", "Z"),
        "thumbprint": certificate.thumbprint,
        "key_bits": certificate.key_bits,
        "signature_algorithm": certificate.signature_algorithm,
        "digest": certificate.digest_name,
        "ext_key_usages": list(certificate.ext_key_usages or ()),
        "is_ca": certificate.is_ca,
        "is_self_issued": certificate.is_self_issued,
        "spki_sha256": certificate.spki_sha256,
    }


def describe_sent_certificate(der: bytes) -> Json:
    """The facts of a certificate that a server sent, with its names; why it cannot be read."""
    try:
        certificate = parse_certificate(der)
    except MdmError as error:
        return {"bytes": len(der), "problem": str(error)}
    return describe_certificate(certificate) | {"dns_names": list(certificate.dns_names)}


def _hub(facts: HubFacts) -> Json:
    return {
        "requested_range": facts.requested_range,
        "content_range": facts.content_range,
        "media_type": facts.media_type,
        "body_length": facts.body_length,
        "is_store_uri": facts.is_store_uri,
    }
