"""Reports on schedules (``mdmproxy schedule``): text with a drawing, and JSON."""

from mdmcore.report.schedule.json import plans_document
from mdmcore.report.schedule.meetings import compare
from mdmcore.report.schedule.plan import Plan, plan_of
from mdmcore.report.schedule.sightings import Sightings
from mdmcore.report.schedule.text import write_plans_text

__all__ = ["Plan", "Sightings", "compare", "plan_of", "plans_document", "write_plans_text"]
