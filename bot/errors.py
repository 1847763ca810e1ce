"""What can go wrong, as one tree.

AifaqError
├── KnowledgeError      the knowledge base cannot be loaded; carries every fault found
├── SettingsError       a setting is missing, misspelt or has a wrong value
├── CalibrationError    a calibration file does not fit the engine
├── EncoderError        a sentence encoder cannot be loaded
├── StoreError          the store refused or lost a request
│   └── RecordRefused       the store is there and will never take this row
├── CurationError       a change of the knowledge base cannot be applied
│   ├── EditConflict    the file changed underneath
│   └── ChangeRefused   the change would break what the base answers today
├── PermissionDenied    the person may not do this
└── MissingExtra        an optional part is not installed

Each message is one sentence or two for a person: what is wrong, where, and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.curation.problems import Problem
    from bot.knowledge import Fault


class AifaqError(Exception):
    """Base of all errors that aifaq raises on purpose."""


class KnowledgeError(AifaqError):
    """The knowledge base cannot be loaded; `faults` lists everything found, in file order."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class SettingsError(AifaqError):
    """A setting is missing, misspelt or has a wrong value."""


class CalibrationError(AifaqError):
    """A calibration file is broken or belongs to another version of the engine."""


class EncoderError(AifaqError):
    """A sentence encoder was asked for that cannot be loaded."""


class StoreError(AifaqError):
    """The store refused or lost a request; answers go on without it."""


class RecordRefused(StoreError):
    """The store is there and will never take this row: trying again would not help."""


class CurationError(AifaqError):
    """A change of the knowledge base cannot be applied; `problems` says why in any language."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


class EditConflict(CurationError):
    """The file changed between reading and writing; nothing was written."""


class ChangeRefused(CurationError):
    """The change is well-formed but would break answers; each problem names the entries."""


class PermissionDenied(AifaqError):
    """The person is not allowed to do this."""


class MissingExtra(AifaqError):
    """An optional part is not installed; the message names the command that installs it."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} is not installed. Install it with: pip install 'aifaq[{extra}]'"
        )
