"""Measures: how fast, how frugal, how dear; against the limit and against what people use instead. See `make bench`."""
