"""Cuts a sequence into runs that a limit of number and one of size allow."""

from collections.abc import Callable, Iterable, Iterator


def cut[T](
    items: Iterable[T], size_of: Callable[[T], int], *, most: int, largest: int, begin: int | None = None
) -> Iterator[list[T]]:
    """Runs of `most` items, whose sizes come to `largest`, at most; in the order given. One that is larger is alone.

    `begin`: so many items at most in the first run, if it is given.
    """
    run: list[T] = []
    size, room = 0, min(begin or most, most)
    for item in items:
        more = size_of(item)
        if run and (len(run) == room or size + more > largest):
            yield run
            run, size, room = [], 0, most
        run.append(item)
        size += more
    if run:
        yield run
