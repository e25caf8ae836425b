"""ASN.1: the only room that imports pyasn1 and pyasn1-modules.

``der`` reads and writes the TLV layer and keeps the original bytes, ``schema`` decodes with pyasn1,
``name``/``name_text`` are X.501 names, ``pkcs10`` and ``x509`` take requests and certificates
apart. Nothing here verifies, issues or judges.
"""
