"""The measurements, one a file. Each has `measure(bench)`, which gives its figures."""
