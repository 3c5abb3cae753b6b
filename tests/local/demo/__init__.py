"""The main job, end to end, on one machine; and a checker of calendars that knows nothing of the app's code."""
