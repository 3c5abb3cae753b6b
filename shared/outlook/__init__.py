"""The Microsoft side: what stands in a calendar, and how it gets there."""
