"""A world for one test: both stand-ins, a fresh database, and bots in separate processes."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from tests.faults.books import Book
from tests.faults.world import World, made

SEED = 6


@pytest.fixture
def world_on(tmp_path, request) -> Callable[[str], AbstractAsyncContextManager[World]]:
    """Makes a world with an empty database of one kind."""

    def make(kind: str, **more) -> AbstractAsyncContextManager[World]:
        if kind == "sqlite":
            book = Book(f"sqlite:///{tmp_path / 'book.db'}")
        else:
            book = Book(request.getfixturevalue("postgresql")("template0"))
        return made(book, tmp_path, SEED, **more)

    return make
