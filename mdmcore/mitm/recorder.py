"""The recorder: writes each flow to a file, with our annotations, when it has come to its end.

An addon near the end of the chain, behind whoever judges and annotates; the order of the file is
that of judging. A flow is written before the device has the whole answer (one that streams, right
behind its last byte), so that a process that is killed has recorded all that it had told. A flow is
written once: what happens to it later (a device that leaves while it is answered) has not been
judged either. In place of mitmproxy's own writer, which ends the process where the disk is full,
takes ``%`` in a name for a date, and begins the file anew.
"""

from __future__ import annotations

import logging
from pathlib import Path
from weakref import WeakSet

from mitmproxy import dns, flow, http, tcp, udp
from mitmproxy.io import tnetstring

from mdmcore.capture.recording import Recording, open_recording
from mdmcore.mitm.guard import explain, guarded

logger = logging.getLogger(__name__)


class Recorder:
    """Records nothing until it is started. ``unrecorded`` counts what could not be written."""

    name = "mdmproxy-recorder"

    def __init__(self) -> None:
        self._recording: Recording | None = None
        self._open: dict[str, flow.Flow] = {}
        self._written: WeakSet[flow.Flow] = WeakSet()
        self._is_failing = False
        self.unrecorded = 0

    def start(self, path: Path) -> None:
        """Record to that file from now on; ConfigError when that cannot be."""
        self._recording = found = open_recording(path)
        if found.set_aside is not None:
            logger.warning(
                "mdmproxy: the end of %s was cut off in the middle of a flow; it is in %s now",
                path,
                found.set_aside,
            )
        if found.flows_before:
            logger.info(
                "mdmproxy: %s has %d flow%s already; what comes is added",
                path,
                found.flows_before,
                "" if found.flows_before == 1 else "s",
            )

    def stop(self) -> None:
        """Write what is still open, and let go of the file."""
        if self._recording is not None:
            for one in list(self._open.values()):
                self.add(one)
            self._recording.close()
            self._recording = None
        self._open.clear()

    def add(self, one: flow.Flow) -> None:
        """Write a flow, unless it was written before."""
        self._open.pop(one.id, None)
        recording = self._recording
        if recording is None or one in self._written:
            return
        self._written.add(one)
        try:
            recording.append(tnetstring.dumps(one.get_state()))
        except OSError as error:
            self._fail(recording.path, (error.strerror or str(error)).lower())
        except (TypeError, ValueError) as error:  # metadata of another script
            self._fail(recording.path, f"a flow cannot be written down ({explain(error)})")
        else:
            if self._is_failing:
                logger.warning("mdmproxy: %s: recording goes on", recording.path)
            self._is_failing = False

    def _fail(self, path: Path, reason: str) -> None:
        self.unrecorded += 1
        if not self._is_failing:
            logger.error("mdmproxy: %s: cannot record: %s", path, reason)
        self._is_failing = True

    def _begin(self, one: flow.Flow) -> None:
        if self._recording is not None:
            self._open[one.id] = one

    # --- mitmproxy's events -----------------------------------------------------------------

    @guarded
    def request(self, flow: http.HTTPFlow) -> None:
        """An exchange has begun, or begins again when somebody replays it."""
        self._written.discard(flow)
        self._begin(flow)

    @guarded
    def response(self, flow: http.HTTPFlow) -> None:
        """It has its answer; a web socket goes on after that."""
        if flow.websocket is None:
            self.add(flow)

    @guarded
    def error(self, flow: http.HTTPFlow) -> None:
        """It came to nothing."""
        if flow.websocket is None:
            self.add(flow)

    @guarded
    def websocket_end(self, flow: http.HTTPFlow) -> None:
        """A web socket was closed."""
        self.add(flow)

    @guarded
    def tcp_start(self, flow: tcp.TCPFlow) -> None:
        """Bytes that are no HTTP begin."""
        self._begin(flow)

    @guarded
    def tcp_end(self, flow: tcp.TCPFlow) -> None:
        """They end."""
        self.add(flow)

    @guarded
    def tcp_error(self, flow: tcp.TCPFlow) -> None:
        """They are broken off."""
        self.add(flow)

    @guarded
    def udp_start(self, flow: udp.UDPFlow) -> None:
        """Datagrams begin."""
        self._begin(flow)

    @guarded
    def udp_end(self, flow: udp.UDPFlow) -> None:
        """They end."""
        self.add(flow)

    @guarded
    def udp_error(self, flow: udp.UDPFlow) -> None:
        """They are broken off."""
        self.add(flow)

    @guarded
    def dns_request(self, flow: dns.DNSFlow) -> None:
        """A name is asked for."""
        self._begin(flow)

    @guarded
    def dns_response(self, flow: dns.DNSFlow) -> None:
        """It is answered."""
        self.add(flow)

    @guarded
    def dns_error(self, flow: dns.DNSFlow) -> None:
        """It is not."""
        self.add(flow)
