"""Tests of the reports on schedules."""
