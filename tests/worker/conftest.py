"""The package, unpacked as in Azure."""

from pathlib import Path

import pytest

from tests.deploy.package import unpack_package


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """The package in a folder of its own."""
    return unpack_package(tmp_path / "wwwroot")
