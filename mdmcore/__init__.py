"""The Windows MDM protocols: enrolment, provisioning and OMA DM management.

Protocol packages are pure: clock, randomness, keys and files come in by parameter.
What touches the world lives in `mitm`, `store`, `capture`, `cli` and `platform`.
"""

__version__ = "0.1.0"
