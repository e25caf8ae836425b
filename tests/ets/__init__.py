"""The conformance checks of ets.md, each under its id: server, phone and inspector alone, and the
phone against the server. Messages are written by hand and read by the standard library."""
