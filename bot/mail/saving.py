"""Saves the files of a mail on disk, before the mail is in the database."""

from collections.abc import Collection, Sequence

from bot.files.limits import NOT_KEPT_HERE, Allowance
from bot.files.store import Store, why_not_kept
from bot.mail.mime.encryption import is_signature_or_key
from bot.mail.text.body import Attachment
from casebook.incoming import IncomingFile

NOT_WHOLE = "the mail is too large, and only the beginning of this file was read"


class FileSaver:
    """Saves the files of one mail, and knows afterwards whether the folder took them.

    `whole` is false for a mail of which only the beginning was read: its last file is incomplete.
    """

    def __init__(self, store: Store | None, *, whole: bool = True) -> None:
        self._store = store
        self._whole = whole
        self.tried = False  # whether there was any file to save
        self.failed = ""  # why a file could not be written to the folder; empty otherwise

    def keep(self, files: Sequence[Attachment], ornaments: Collection[str] = ()) -> tuple[IncomingFile, ...]:
        """Save the files within the limits, and return what became of each; blocks, and raises nothing.

        `ornaments` holds the SHA-256 of images that belong to the text and are not shown as files.
        """
        allowance = Allowance()
        kept = []
        for number, file in enumerate(files, start=1):
            is_cut = not self._whole and number == len(files)
            why_not = NOT_WHOLE if is_cut else allowance.why_not(file.size)
            unshown = file.sha256 in ornaments or is_signature_or_key(file.content_type, file.filename)
            kept.append(self._kept(file, why_not, embedded=unshown))
        return tuple(kept)

    def _kept(self, file: Attachment, why_not: str, *, embedded: bool) -> IncomingFile:
        sha256 = ""
        if self._store is None:
            why_not = NOT_KEPT_HERE
        elif not why_not:
            self.tried = True
            try:
                sha256 = self._store.keep(file.content)
            except OSError as error:  # the mail's text is worth more than the file, which the mail server still has
                self.failed = why_not = why_not_kept(error)
        return IncomingFile(
            name=file.filename,
            content_type=file.content_type,
            size=file.size,
            sha256=sha256,
            kept=bool(sha256),
            digest=file.sha256,
            why_not=why_not,
            embedded=embedded,
        )
