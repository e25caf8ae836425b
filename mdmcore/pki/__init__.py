"""Certificates of an MDM enrolment: requests read, certificates read and issued, criteria texts.

Sources: PKCS#10 (RFC 2986), X.509 (RFC 5280), enrollment.md sections 8 and 9.4. Keys, clock and
randomness come in by parameter. ``asn1`` below knows the encodings; what a finding is stands in
``mdmcore.rules``.
"""
