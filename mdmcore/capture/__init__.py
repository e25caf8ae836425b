"""Captures: files of recorded traffic, read as streams of exchanges."""

from mdmcore.capture.reader import open_capture
from mdmcore.capture.source import Capture, CaptureFormat, CaptureProblem

__all__ = ["Capture", "CaptureFormat", "CaptureProblem", "open_capture"]
