"""Limits for the files of one message: their number and their sizes; pure."""

from casebook.records.filenames import readable_size

MOST_FILES = 20
LARGEST = 25_000_000  # bytes of one file
MOST_TOGETHER = 50_000_000  # bytes of all the files of one message

NOT_KEPT_HERE = "attachments are not kept here"
TOO_LARGE = f"too large, the most is {readable_size(LARGEST)}"


class Allowance:
    """The files and bytes that are left to one message."""

    def __init__(self) -> None:
        self._files = 0
        self._bytes = 0

    def why_not(self, size: int) -> str:
        """Why another file of so many bytes is not kept; empty when it is kept, which uses up the allowance."""
        if self._files >= MOST_FILES:
            return f"more than {MOST_FILES} files"
        if size > LARGEST:
            return TOO_LARGE
        if self._bytes + size > MOST_TOGETHER:
            return f"more than {readable_size(MOST_TOGETHER)} together"
        self._files += 1
        self._bytes += size
        return ""
