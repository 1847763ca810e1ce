"""Changes go through here: tried, written, committed. Synchronous; used from threads."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.curation import git
from bot.curation.carry_out import carry_out, entry_path, render_new
from bot.curation.changes import Change, NewEntry
from bot.curation.files import FileEdit, Files
from bot.curation.patch import unified_patch
from bot.curation.problems import Problem
from bot.curation.trial import Touched, Trials, folder_with
from bot.curation.write import ReadOnlyFolderError, locked, writable, write
from bot.errors import ChangeRefused, CurationError
from bot.knowledge import load_knowledge
from bot.permissions import Moderator, require
from bot.service import Faq
from bot.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a change that passed its trial."""

    written: bool
    """False: the folder is read-only, take the patch to where the files are kept."""
    paths: tuple[str, ...]
    """Files changed, relative to the knowledge folder."""
    patch: str
    """The change as `git apply` takes it."""
    commit: str = ""
    """Short hash, if one was made."""
    git_error: str = ""
    """Why no commit was made though one was wanted; the files are changed all the same."""


class Editor:
    """Changes the files behind the base in service."""

    def __init__(self, faq: Faq, settings: Settings) -> None:
        self._faq = faq
        self._settings = settings
        self._trials = Trials(faq)

    @property
    def root(self) -> Path:
        """The knowledge folder."""
        return self._settings.knowledge

    @property
    def writable(self) -> bool:
        """Whether changes can be written, as far as one can see."""
        return writable(self.root)

    def warm(self) -> None:
        """Make ready for a trial: seconds of work that a moderator then need not wait for."""
        self._trials.warm()

    def preview(self, changes: Sequence[Change]) -> tuple[str, list[Problem]]:
        """The changes as a patch, and what stands against them."""
        files = Files(self.root)
        try:
            for change in changes:
                carry_out(change, files, self._faq.knowledge)
        except CurationError as error:
            return self._unfinished(changes), list(error.problems)
        return self._patch(files.edits), self._trials.problems(self.root, files.edits, changes)

    def _unfinished(self, changes: Sequence[Change]) -> str:
        """The file of a new entry whose texts are still to be written, as a patch."""
        return "".join(
            self._patch([FileEdit(entry_path(change), None, render_new(change).encode())])
            for change in changes if isinstance(change, NewEntry)
        )

    def export(self, changes: Sequence[Change]) -> str:
        """All changes as one patch, each on top of the one before.

        Raises:
            CurationError: if one does not fit the files.
        """
        files = Files(self.root)
        for change in changes:
            carry_out(change, files, self._faq.knowledge)
        return self._patch(files.edits)

    def patch(self, files: Files) -> str:
        """What was put on top of the folder, as a patch."""
        return self._patch(files.edits)

    def apply(self, change: Change, by: Moderator, *, force: bool = False) -> Applied:
        """Try a change and write it.

        Args:
            change: what to do.
            by: who does it; the author of the commit.
            force: write although questions would move to another entry. A folder that cannot
                be loaded is never written.

        Raises:
            PermissionDenied: if the person may not.
            ChangeRefused: naming what the change would break.
            EditConflict: if a file or text changed underneath; nothing was written.
            CurationError: if the change does not fit the files.
            OSError: if the disk fails.
        """
        require(by)
        with locked(self.root):
            files = Files(self.root)
            carry_out(change, files, self._faq.knowledge)
            self._try(files, [change], force=force)
            return self._write(files.edits, by, change.kind, _message(change))

    def apply_files(
        self, files: Files, touched: Sequence[str], by: Moderator, message: str, *,
        force: bool = False,
    ) -> Applied:
        """Try and write what was put on top of the folder by other means, such as an import.

        Args:
            files: the folder with the new texts.
            touched: ids of the entries that change.
            by: who does it.
            message: title of the commit.
            force: as for `apply`.

        Raises:
            The same as `apply`.
        """
        require(by)
        with locked(self.root):
            self._try(files, [Touched(entry_id) for entry_id in touched], force=force)
            return self._write(files.edits, by, "import", message)

    def _try(
        self, files: Files, changes: Sequence[Change | Touched], *, force: bool
    ) -> None:
        found = self._trials.problems(self.root, files.edits, changes)
        if force:
            found = [problem for problem in found if problem.key == "fault"]
        if found:
            raise ChangeRefused(*found)

    def _write(
        self, edits: Sequence[FileEdit], by: Moderator, kind: str, message: str
    ) -> Applied:
        paths = tuple(edit.path for edit in edits)
        patch = self._patch(edits)
        try:
            write(self.root, edits)
        except ReadOnlyFolderError:
            return Applied(written=False, paths=paths, patch=patch)
        log.info("%s changed %s: %s", by.author, ", ".join(paths), kind)
        if self._settings.knowledge_git != "commit":
            return Applied(written=True, paths=paths, patch=patch)
        try:
            commit = git.commit(self.root, paths, message, by)
        except git.GitError as error:
            log.warning("the change of %s is in the files but not committed: %s",
                        ", ".join(paths), error)
            return Applied(written=True, paths=paths, patch=patch, git_error=str(error))
        return Applied(written=True, paths=paths, patch=patch, commit=commit)

    def _patch(self, edits: Sequence[FileEdit]) -> str:
        return unified_patch(edits, git.prefix(self.root))


def write_first(files: Files) -> None:
    """Write the first entries of a folder, if it can be loaded then.

    Raises:
        KnowledgeError: with every fault; nothing was written.
        ReadOnlyFolderError: if the folder cannot be written to.
    """
    with folder_with(files.root, files.edits) as folder:
        load_knowledge(folder)
    write(files.root, files.edits)


def _message(change: Change) -> str:
    """A commit's title, in the terms of the files."""
    match change.kind:
        case "variant":
            return f"Add {len(change.texts)} way(s) of asking {change.entry_id}"
        case "answer":
            fields = ", ".join(f"{edit.locale} {edit.field}" for edit in change.edits)
            return f"Correct {change.entry_id}: {fields}"
        case "entry":
            return f"Add the entry {change.entry_id}"
        case "reviewed":
            return f"Review {change.entry_id}: it holds as of {change.as_of}"
        case "out_of_scope":
            return f"Add {len(change.texts)} question(s) that no entry answers"
