"""Checks of the phone driven by itself."""
