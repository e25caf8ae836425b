"""What two lives do differently, step by step: an enrolment that works beside one that does not."""

from mdmcore.report.diff.compare import compare_lives
from mdmcore.report.diff.document import DiffDocument, Difference
from mdmcore.report.diff.gather import GatheredLife, gather
from mdmcore.report.diff.text import write_diff_text

__all__ = [
    "DiffDocument",
    "Difference",
    "GatheredLife",
    "compare_lives",
    "gather",
    "write_diff_text",
]
