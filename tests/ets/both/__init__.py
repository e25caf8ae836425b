"""Checks of the phone against the server, in memory."""
