"""Fixtures for the checks of what is deployed."""

from pathlib import Path

import pytest

from tests.infra.compiler import NoCompilerError, Project, find


@pytest.fixture(scope="session")
def project() -> Project:
    """This project, with a compiler at hand. Without one the test fails, and says where to get it."""
    try:
        find()
    except NoCompilerError as error:
        pytest.fail(str(error), pytrace=False)
    return Project()


@pytest.fixture
def copy(project: Project, tmp_path: Path) -> Project:
    """A copy of it to break."""
    return project.copy(tmp_path)
