"""Cuts a sequence into runs that a limit of number and one of size allow."""

from collections.abc import Callable, Iterable, Iterator


def cut[T](items: Iterable[T], size_of: Callable[[T], int], *, most: int, largest: int) -> Iterator[list[T]]:
    """Runs of `most` items, whose sizes come to `largest`, at most; in the order given. One that is larger is alone."""
    run: list[T] = []
    size = 0
    for item in items:
        more = size_of(item)
        if run and (len(run) == most or size + more > largest):
            yield run
            run, size = [], 0
        run.append(item)
        size += more
    if run:
        yield run
