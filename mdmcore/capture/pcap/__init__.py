"""Packet captures: pcap, pcapng and NetMon, taken apart by tshark and read into exchanges.

tshark lists the connections, decrypts them with the keys that it is given, and prints what each
side sent; HTTP is read from these bytes by us, since its own reading loses some of them. Source:
formats.md section 3. Only ``tshark`` starts a program.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mdmcore.capture.options import CaptureOptions
from mdmcore.capture.pcap.sniffing import is_pcap
from mdmcore.capture.source import Reader, Reading
from mdmcore.http import Exchange

__all__ = ["is_pcap", "pcap_reader"]


def pcap_reader(options: CaptureOptions) -> Reader:
    """A reader of packet captures with these keys and limits. Raises CaptureError where tshark is
    missing or too old, ConfigError for a key that cannot be used."""
    from mdmcore.capture.pcap.keys import read_keys
    from mdmcore.capture.pcap.reading import PcapReading
    from mdmcore.capture.pcap.tshark import find_tshark

    program = find_tshark()
    keys = read_keys(options.key_log, options.rsa_keys)

    def read(path: Path, reading: Reading) -> Iterator[Exchange]:
        yield from PcapReading(path, program, keys, options.limits).exchanges(reading)

    return read
