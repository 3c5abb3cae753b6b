"""Azurite, Microsoft's own storage emulator, as a child process: blobs, queues and tables in memory on 127.0.0.1."""

from tests.local.azurite.process import AzuriteError, start_azurite

__all__ = ["AzuriteError", "start_azurite"]
