"""Saving, reading and removing files in the folder for attachments."""

import fcntl
import hashlib
import os
import resource
import stat
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.files.store import AttachmentsFolderError, LostFileError, Store, why_not_kept

MEMORY = Path("/dev/shm")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "kept"


@pytest.fixture
def quick_folder():
    """In memory where that can be: what is kept there thousands of times waits for no disk."""
    with tempfile.TemporaryDirectory(prefix="casebook-kept-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder, "kept")


@pytest.fixture
def store(folder):
    store = Store(folder)
    store.open()
    return store


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_what_is_kept_is_named_after_its_content_and_for_this_user_alone(store, folder):
    sha256 = store.keep(b"hello")

    (path,) = files(folder)
    assert sha256 == path.name == hashlib.sha256(b"hello").hexdigest()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(each.stat().st_mode) for each in (folder, path.parent)} == {0o700}
    assert store.read(sha256) == b"hello"


def test_the_same_bytes_are_one_file_also_when_many_write_them_at_once(store, folder):
    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(lambda _: store.keep(b"x" * 100_000), range(64)))

    assert [path.name for path in files(folder)] == list(names)


def test_a_truncated_file_is_written_again(store, folder):
    sha256 = store.keep(b"whole")
    files(folder)[0].write_bytes(b"wh")

    store.keep(b"whole")

    assert store.read(sha256) == b"whole"


def test_a_file_that_is_gone_or_has_changed_is_not_given_out(store, folder):
    sha256 = store.keep(b"whole")
    files(folder)[0].write_bytes(b"other")

    with pytest.raises(LostFileError, match="not what was kept"):
        store.read(sha256)
    files(folder)[0].unlink()
    with pytest.raises(LostFileError, match="cannot be read"):
        store.read(sha256)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63])
def test_only_the_name_of_a_kept_file_leads_into_the_folder(store, name):
    with pytest.raises(LostFileError):
        store.read(name)


def test_a_folder_that_cannot_be_made_is_an_error_with_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(
        AttachmentsFolderError, match=r"ATTACHMENTS: .*/file/kept cannot be written to .*; name another folder"
    ):
        Store(tmp_path / "file" / "kept").open()


def test_a_disk_that_is_full_is_an_error_and_leaves_nothing_behind(store, folder):
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    try:
        with pytest.raises(OSError, match="File too large") as caught:
            store.keep(b"x" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    assert why_not_kept(caught.value) == "the disk is full"
    assert files(folder) == []


def test_old_files_can_be_removed_and_files_that_were_saved_again_stay(store, folder):
    old, young = store.keep(b"old"), store.keep(b"young")
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    for path in files(folder):
        if path.name == old:
            os.utime(path, (0, 0))
    (folder / "unfinished-1").write_bytes(b"")
    os.utime(folder / "unfinished-1", (0, 0))

    assert list(store.older_than(an_hour_ago)) == [old]
    assert not store.remove(young, older_than=an_hour_ago)
    assert store.remove(old, older_than=an_hour_ago)
    assert [path.name for path in files(folder)] == [young]


def test_saving_the_same_bytes_again_renews_the_time_of_the_file(store, folder):
    sha256 = store.keep(b"again")
    os.utime(files(folder)[0], (0, 0))

    store.keep(b"again")

    assert not store.remove(sha256, older_than=datetime.now(UTC) - timedelta(hours=1))


def test_a_failure_is_reported_once_until_a_file_is_saved_again(store):
    told = [store.starts_failing(failed=failed) for failed in (True, True, False, True)]

    assert told == [True, False, False, True]


def test_a_failure_whose_report_failed_is_reported_again(store):
    first = store.starts_failing(failed=True)
    with pytest.raises(LookupError), store.reporting():
        raise LookupError

    assert (first, store.starts_failing(failed=True)) == (True, True)


def test_a_full_disk_is_named_as_such():
    assert why_not_kept(OSError(28, "No space left on device")) == "the disk is full"
    assert why_not_kept(OSError(13, "Permission denied")) == "the folder for attachments cannot be written to"


def test_a_file_that_is_saved_while_it_is_removed_exists_afterwards(quick_folder):
    """A deleted message's file is removed while another message with the same file arrives, also in another process."""
    folder, store, other = quick_folder, Store(quick_folder), Store(quick_folder)
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    store.open()
    sha256 = store.keep(b"twice")
    lost = []
    with ThreadPoolExecutor(2) as pool:
        for attempt in range(3000):
            path = folder / sha256[:2] / sha256
            os.utime(path, (0, 0))
            removing = pool.submit(other.remove, sha256, older_than=an_hour_ago)
            pool.submit(store.keep, b"twice").result()
            removing.result()
            if not path.is_file():
                lost.append(attempt)
                store.keep(b"twice")

    assert lost == []


def test_saving_waits_for_a_process_that_removes_the_file(store, folder):
    sha256 = store.keep(b"twice")
    with ThreadPoolExecutor(1) as pool:
        held = os.open(folder, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
        keeping = pool.submit(store.keep, b"twice")
        with pytest.raises(TimeoutError):
            keeping.result(timeout=0.2)
        (folder / sha256[:2] / sha256).unlink()
        os.close(held)
        keeping.result(timeout=10)

    assert store.read(sha256) == b"twice"
