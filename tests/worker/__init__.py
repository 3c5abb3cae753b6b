"""Production's own worker: the package runs in it, function by function, against the stand-ins."""
