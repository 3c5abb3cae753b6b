"""Keeps providers' Outlook calendars in step with their published Lightning Bolt schedules."""
