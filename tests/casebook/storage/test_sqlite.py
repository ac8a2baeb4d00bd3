"""A SQLite file that is removed or replaced while it is open."""

import shutil

import pytest

from casebook import database, models
from casebook.errors import DatabaseUnavailableError


def test_a_database_whose_file_is_gone_stores_nothing_until_it_is_back(sqlite_book, tmp_path):
    first, second = sqlite_book.message(), sqlite_book.message()
    sqlite_book.receive(first)
    (tmp_path / "casebook.db").rename(tmp_path / "elsewhere.db")

    with pytest.raises(DatabaseUnavailableError, match="is gone"):
        sqlite_book.receive(second)
    is_made_anew = (tmp_path / "casebook.db").exists()
    (tmp_path / "elsewhere.db").rename(tmp_path / "casebook.db")

    assert not is_made_anew
    assert sqlite_book.receive(first).known
    assert not sqlite_book.receive(second).known


def test_another_file_that_was_put_in_its_place_is_written_to(sqlite_book, migrated_file, tmp_path):
    message = sqlite_book.message()
    sqlite_book.receive(message)
    (tmp_path / "other.db").write_bytes(migrated_file.read_bytes())

    shutil.move(tmp_path / "other.db", tmp_path / "casebook.db")
    (tmp_path / "casebook.db-wal").unlink()
    (tmp_path / "casebook.db-shm").unlink()
    received = sqlite_book.receive(message)

    assert not received.known
    assert models.Message.select().count() == 1


def test_a_write_during_the_removal_of_the_file_is_repeated_in_the_new_file(sqlite_book, migrated_file, tmp_path):
    tries = []

    def replaced_meanwhile():
        tries.append(1)
        if len(tries) == 1:
            for name in ("casebook.db", "casebook.db-wal", "casebook.db-shm"):
                (tmp_path / name).unlink()
            shutil.copy(migrated_file, tmp_path / "casebook.db")
        with models.book.atomic():
            models.Counter.update(value=7).where(models.Counter.name == "cases").execute()

    database.work(replaced_meanwhile)

    assert len(tries) == 2
    assert models.Counter.get_by_id("cases").value == 7
