"""Checks of the server driven by itself."""
