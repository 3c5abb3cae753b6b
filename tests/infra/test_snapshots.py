"""What would be deployed is what was committed: every change shows in a snapshot's diff (`make snapshots` writes them)."""

import pytest

from tests.infra.compiler import SETS, Project

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", SETS)
def test_the_committed_snapshot_is_what_would_be_deployed(project: Project, name: str) -> None:
    answer = project.snapshot(name, "validate")
    assert answer.clean, f"{answer.output}{answer.complaints}\nIf it is meant: make snapshots, and read the diff."


def test_a_change_is_seen(copy: Project) -> None:
    copy.replace("infra/modules/storage.bicep", "allowSharedKeyAccess: false", "allowSharedKeyAccess: true")
    answer = copy.snapshot("default", "validate")
    assert answer.status != 0
    assert "allowSharedKeyAccess" in answer.output + answer.complaints


def test_a_resource_that_is_gone_is_seen(copy: Project) -> None:
    copy.replace("infra/modules/storage.bicep", ", 'mappings'", "")
    answer = copy.snapshot("default", "validate")
    assert answer.status != 0
    assert "mappings" in answer.output + answer.complaints


def test_a_change_that_only_one_set_has_is_seen_there(copy: Project) -> None:
    copy.replace("infra/modules/network.bicep", "defaultOutboundAccess: false", "defaultOutboundAccess: true")
    assert copy.snapshot("default", "validate").clean
    assert copy.snapshot("isolated", "validate").status != 0
