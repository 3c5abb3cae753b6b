"""`mappings_preview`, `mappings_import`, `mappings_export`: the mappings of our own table as files."""

from dataclasses import dataclass

from shared.ops.asked import BadRequestError, OfKind, OfMappings
from shared.ops.mapping_file import BadMappingFileError
from shared.ops.mappings import Exported, MappingPorts, export_mappings, import_mappings, preview_mappings
from shared.ops.ports import OpsPorts


@dataclass(frozen=True, slots=True)
class Told:
    """What would change, or has."""

    lines: tuple[str, ...]
    stored: bool


async def mappings_preview(asked: OfMappings, ports: OpsPorts) -> Told:
    """Changes nothing. Raises BadRequestError with every problem of the file."""
    try:
        found = await preview_mappings(asked.file, _ports(ports), replace=asked.replace)
    except BadMappingFileError as error:
        raise BadRequestError("file", "\n".join(error.lines())) from None
    return Told(tuple(found.lines()), stored=False)


async def mappings_import(asked: OfMappings, ports: OpsPorts) -> Told:
    """All rows of the file, or none. Raises BadRequestError, PreconditionError."""
    try:
        done = await import_mappings(asked.file, _ports(ports), replace=asked.replace)
    except BadMappingFileError as error:
        raise BadRequestError("file", "\n".join(error.lines())) from None
    return Told(tuple(done.lines()), done.stored)


async def mappings_export(asked: OfKind, ports: OpsPorts) -> Exported:
    """What is in force, as a file that an import takes back."""
    return await export_mappings(asked.kind, _ports(ports))


def _ports(ports: OpsPorts) -> MappingPorts:
    return MappingPorts(ports.settings, ports.mappings, ports.person_months, ports.ledger, ports.queue, ports.chance)
