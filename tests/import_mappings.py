"""`python -m tests.import_mappings < FILE`: imports mappings by the environment's settings, as an operator would.

The demonstration runs it as a program of its own, because what it is made of knows nothing of the app's code.
"""

import asyncio
import os
import sys

from shared.app import App
from shared.ops.mapping_file import BadMappingFileError
from shared.ops.mappings import import_mappings


async def _import(content: bytes) -> list[str]:
    app = await App.connect(os.environ)
    try:
        await app.storage.create_if_missing()
        return (await import_mappings(content, app.mappings)).lines()
    finally:
        await app.aclose()


def main() -> int:
    """0, or 1 where the file is refused; prints what was done, or what is wrong."""
    try:
        lines, code = asyncio.run(_import(sys.stdin.buffer.read())), 0
    except BadMappingFileError as error:
        lines, code = error.lines(), 1
    print("\n".join(lines))  # noqa: T201 - a program
    return code


if __name__ == "__main__":
    sys.exit(main())
