"""What would be deployed is what was committed, so that every change shows in a diff (`make snapshots` writes it)."""

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


def test_sign_in_for_everybody_is_not_deployed(copy: Project) -> None:
    path = "tests/infra/snapshots/guarded.bicepparam"
    copy.replace(path, "param operatorIds = ['00000000-0000-0000-0000-0000000000a1']", "param operatorIds = []")
    copy.replace(
        path, "param operatorGroupIds = ['00000000-0000-0000-0000-0000000000b1']", "param operatorGroupIds = []"
    )
    answer = copy.snapshot("guarded", "overwrite")
    assert answer.status != 0
    assert "operatorGroupIds" in answer.output + answer.complaints
