"""The package that is deployed: the files of a folder that its `.funcignore` leaves in, as one zip.

`python -m tests.deploy.package ZIP` writes the project's. `.funcignore` is read as the publishing tools read it, by the
rules of `.gitignore`: https://learn.microsoft.com/azure/azure-functions/functions-core-tools-reference#func-azure-functionapp-publish
"""

import argparse
import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from pathspec import GitIgnoreSpec

from tests.local.host.run import ROOT

SAME_TIME = (1980, 1, 1, 0, 0, 0)
"""Of every file in a zip, so that the same files make the same zip."""


def package_files(root: Path = ROOT) -> list[PurePosixPath]:
    """Paths inside the package, sorted. A folder that is ignored is not looked into, as with git."""
    ignored = GitIgnoreSpec.from_lines((root / ".funcignore").read_text(encoding="utf-8").splitlines())
    return sorted(_files(root, root, ignored))


def _files(folder: Path, root: Path, ignored: GitIgnoreSpec) -> Iterator[PurePosixPath]:
    for entry in os.scandir(folder):
        path = PurePosixPath(Path(entry.path).relative_to(root).as_posix())
        if entry.is_dir(follow_symlinks=False):
            if not ignored.match_file(f"{path}/"):
                yield from _files(Path(entry.path), root, ignored)
        elif not ignored.match_file(path):
            yield path


def write_package(target: Path, root: Path = ROOT) -> Path:
    """Writes the zip, with its folder if that is missing; gives `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for path in package_files(root):
            member = zipfile.ZipInfo(str(path), SAME_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            package.writestr(member, (root / path).read_bytes())
    return target


def unpack_package(folder: Path, root: Path = ROOT) -> Path:
    """Writes the package and unpacks it into `folder`, as Azure does; gives `folder`."""
    with zipfile.ZipFile(write_package(folder.with_suffix(".zip"), root)) as package:
        package.extractall(folder)
    return folder


def main(arguments: list[str]) -> int:
    """Writes the project's package and says what it is."""
    parser = argparse.ArgumentParser(prog="python -m tests.deploy.package", description=__doc__.split("\n")[0])
    parser.add_argument("zip", type=Path)
    target = write_package(parser.parse_args(arguments).zip)
    print(f"{target}: {len(package_files())} files, {target.stat().st_size:,} bytes")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
