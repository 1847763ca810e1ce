"""What people asked and did not get, in groups that mean the same, most asked first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from bot.dialog.responder import decide
from bot.dialog.smalltalk import SmalltalkMatcher
from bot.knowledge.messages import Messages
from bot.models import Candidate, Decision, Locale, Question
from bot.moderation.grouping import group
from bot.moderation.scrub import Scrubber
from bot.service import Explanation, Faq
from bot.store.rows import ChoiceRow, MissRow, ThumbRow, text_key
from bot.text import has_words, words

MAX_TEXTS = 2_000
"""Different wordings that are grouped; the most asked come first."""
MAX_NEAR = 3
MISSED = {"suggestions", "fallback"}
_LINK = re.compile(r"https?://\S+")
_REPEATED = 5
"""A word this often in one message, or a message this often from one person, is no question."""


class ClusterKind(StrEnum):
    """Why a group of questions is shown to moderators."""

    MISS = "miss"
    """They got suggestions or the fallback."""
    CHOICE = "choice"
    """They got suggestions, and somebody picked one: a candidate variant of that entry."""
    UNHELPFUL = "unhelpful"
    """They were answered, and readers said that it did not help."""


@dataclass(frozen=True, slots=True)
class AskedText:
    """One wording of a group."""

    key: str
    """Its `text_key`."""
    text: str
    """Names and addresses trimmed."""
    locale: Locale
    count: int
    trimmed: bool = False
    """Whether something was trimmed, so that it should not be taken over as it is."""


@dataclass(frozen=True, slots=True)
class Near:
    """An entry near to a group, and why it was not the answer."""

    entry_id: str
    question: str
    """Its canonical question, in the moderator's language."""
    confidence: float
    """0 to 1, by the base in service now."""
    why: str
    """Why it fell short, in the moderator's language."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Questions that mean the same."""

    key: str
    """Names it in buttons: the `text_key` of its first text. Any text's key finds it."""
    kind: ClusterKind
    title: str
    """The wording that stands for the group, trimmed; for thumbs down the entry's question."""
    texts: tuple[AskedText, ...]
    """All wordings, most asked first; may be empty for thumbs down whose text was not kept."""
    asked: int
    """How many times, each person once a day."""
    people: int
    locales: Mapping[Locale, int]
    platforms: Mapping[str, int]
    last: datetime
    entry_id: str | None
    """CHOICE: the entry picked; UNHELPFUL: the entry that did not help."""
    near: tuple[Near, ...] = ()
    """Up to three, nearest first."""

    @property
    def keys(self) -> tuple[str, ...]:
        """What is set aside when the group has been dealt with."""
        return tuple(dict.fromkeys((self.key, *(text.key for text in self.texts))))


@dataclass
class _Wording:
    """All askings of one text."""

    key: str
    text: str
    locale: Locale
    asked: set[tuple[str, date]] = field(default_factory=set)
    """(person, day): one person asking again on the same day counts once."""
    times: Counter[str] = field(default_factory=Counter)
    """Askings by person, all counted."""
    platforms: Counter[str] = field(default_factory=Counter)
    locales: Counter[Locale] = field(default_factory=Counter)
    picked: Counter[str] = field(default_factory=Counter)
    """Entries chosen from the suggestions."""
    last: datetime | None = None

    @property
    def latest(self) -> datetime:
        """When it was asked last."""
        assert self.last is not None
        return self.last

    def add(self, row: MissRow | ChoiceRow | ThumbRow) -> None:
        """Count one asking."""
        self.times[row.person] += 1
        if (row.person, row.at.date()) not in self.asked:
            self.asked.add((row.person, row.at.date()))
            self.platforms[row.platform] += 1
            self.locales[row.locale] += 1
        if self.last is None or row.at > self.last:
            self.last = row.at


class Misses:
    """Groups the log for one moderator's language, against the base in service.

    Args:
        faq: what is in service.
        locale: the moderator's language.
    """

    def __init__(self, faq: Faq, locale: Locale) -> None:
        self._faq, self._locale = faq, locale
        self._messages = faq.messages
        names = faq.knowledge.glossary.names
        spellings = [*names, *(one for known in names.values() for one in known)]
        self._scrubber = Scrubber(faq.messages, locale, spellings)

    def clusters(
        self,
        misses: Iterable[MissRow],
        choices: Iterable[ChoiceRow] = (),
        thumbs: Iterable[ThumbRow] = (),
        *,
        limit: int = 25,
    ) -> list[Cluster]:
        """Open groups, most asked first.

        What the base in service answers by now is left out, and so are greetings and spam.
        """
        found = [*self._missed(misses, choices), *self._unhelpful(thumbs)]
        found.sort(key=lambda cluster: (-cluster.asked, -cluster.last.timestamp(), cluster.key))
        kept: list[Cluster] = []
        for cluster in found:
            if len(kept) == limit:
                break
            if cluster.kind is ClusterKind.UNHELPFUL or not self._answered(cluster):
                kept.append(cluster)
        return kept

    def with_near(self, cluster: Cluster, raw: str | None = None) -> Cluster:
        """The group with its nearest entries and why they fell short."""
        text = raw or (cluster.texts[0].text if cluster.texts else cluster.title)
        locale = cluster.texts[0].locale if cluster.texts else self._locale
        explained = self._faq.explain(Question(text, locale=locale))
        near = tuple(self._near(explained, cluster))
        return replace(cluster, near=near)

    # Grouping

    def _missed(
        self, misses: Iterable[MissRow], choices: Iterable[ChoiceRow]
    ) -> Iterator[Cluster]:
        wordings: dict[str, _Wording] = {}
        for row in misses:
            if row.decision in MISSED:
                wordings.setdefault(row.key, _Wording(row.key, row.text, row.locale)).add(row)
        for choice in choices:
            wording = wordings.get(choice.key)
            if wording is None:
                wording = wordings[choice.key] = _Wording(choice.key, choice.text, choice.locale)
                wording.add(choice)
            wording.picked[choice.entry_id] += 1
        questions = sorted(
            (one for one in wordings.values() if is_question(one.text, self._messages)
             and max(one.times.values()) <= _REPEATED * len(one.asked)),
            key=lambda one: (-len(one.asked), -one.latest.timestamp(), one.key),
        )[:MAX_TEXTS]
        for members in group(self._faq.matcher, [one.text for one in questions]):
            yield self._cluster([questions[at] for at in members])

    def _cluster(self, wordings: Sequence[_Wording]) -> Cluster:
        asked = set().union(*(one.asked for one in wordings))
        picked = sum((one.picked for one in wordings), Counter[str]())
        entry_id = next(
            (entry_id for entry_id, _ in picked.most_common()
             if self._faq.knowledge.find(entry_id) is not None), None,
        )
        texts = tuple(self._text(one) for one in wordings)
        return Cluster(
            key=wordings[0].key,
            kind=ClusterKind.MISS if entry_id is None else ClusterKind.CHOICE,
            title=texts[0].text,
            texts=texts,
            asked=len(asked),
            people=len({person for person, _ in asked}),
            locales=dict(sum((one.locales for one in wordings), Counter[str]()).most_common()),
            platforms=dict(sum((one.platforms for one in wordings), Counter[str]()).most_common()),
            last=max(one.latest for one in wordings),
            entry_id=entry_id,
        )

    def _text(self, wording: _Wording) -> AskedText:
        shown = self._scrubber.scrub(wording.text)
        return AskedText(
            wording.key, shown, wording.locale, len(wording.asked), shown != wording.text
        )

    def _unhelpful(self, thumbs: Iterable[ThumbRow]) -> Iterator[Cluster]:
        """Thumbs down on what an entry says now; those on an older text are dealt with."""
        rows: dict[str, list[ThumbRow]] = {}
        for thumb in thumbs:
            entry = self._faq.knowledge.find(thumb.entry_id)
            if entry is not None and not thumb.helpful and thumb.revision == entry.revision:
                rows.setdefault(entry.id, []).append(thumb)
        for entry_id, found in rows.items():
            entry = self._faq.knowledge.entries[entry_id]
            wordings: dict[str, _Wording] = {}
            everything = _Wording(unhelpful_key(entry_id, entry.revision), "", self._locale)
            for thumb in found:
                everything.add(thumb)
                if thumb.text:
                    key = text_key(thumb.text)
                    wordings.setdefault(key, _Wording(key, thumb.text, thumb.locale)).add(thumb)
            texts = sorted(map(self._text, wordings.values()), key=lambda text: -text.count)
            yield Cluster(
                key=everything.key, kind=ClusterKind.UNHELPFUL,
                title=entry.text(self._locale).question, texts=tuple(texts),
                asked=len(everything.asked), people=len(everything.times),
                locales=dict(everything.locales.most_common()),
                platforms=dict(everything.platforms.most_common()),
                last=everything.latest, entry_id=entry_id,
            )

    def _answered(self, cluster: Cluster) -> bool:
        """Whether the base in service answers this by now."""
        first = cluster.texts[0]
        candidates = self._faq.explain(Question(first.text, locale=first.locale)).candidates
        return decide(candidates, self._faq.cutoffs) is Decision.ANSWER

    # Why

    def _near(self, explained: Explanation, cluster: Cluster) -> Iterator[Near]:
        candidates = list(explained.candidates)
        shown = candidates[:MAX_NEAR]
        picked = [one for one in candidates[MAX_NEAR:] if one.entry.id == cluster.entry_id]
        for at, candidate in enumerate([*shown[: MAX_NEAR - len(picked)], *picked]):
            reasons = list(self._reasons(at, candidate, explained, cluster))
            yield Near(
                candidate.entry.id, candidate.entry.text(self._locale).question,
                candidate.confidence, " ".join(reasons[:2]),
            )

    def _reasons(
        self, at: int, candidate: Candidate, explained: Explanation, cluster: Cluster
    ) -> Iterator[str]:
        if candidate.entry.id == cluster.entry_id:
            key = "chosen" if cluster.kind is ClusterKind.CHOICE else "unhelpful"
            yield self._why(key, count=cluster.people)
        if at == 0 and decide(explained.candidates, explained.cutoffs) is Decision.ANSWER:
            yield self._why("answered")
            return
        if candidate.signals.get("exclusion", 0.0) < 0:
            yield self._why("excluded")
        if min(candidate.signals.get(name, 0.0) for name in ("names", "numbers")) < 0:
            yield self._why("names")
        if at == 0 and explained.unknown:
            yield self._why("unknown_words", words=", ".join(explained.unknown[:5]))
        if candidate.confidence < explained.cutoffs.answer:
            yield self._why("not_sure", confidence=_percent(candidate.confidence),
                            cutoff=_percent(explained.cutoffs.answer))
        elif at == 0 and len(explained.candidates) > 1:
            second = explained.candidates[1]
            yield self._why("too_close", other=second.entry.id,
                            confidence=_percent(candidate.confidence),
                            second=_percent(second.confidence))
        else:
            yield self._why("other")

    def _why(self, key: str, **values: object) -> str:
        return self._messages.text(f"moderation.why.{key}", self._locale, **values)


def is_question(text: str, messages: Messages) -> bool:
    """Whether a text may be a question: no greeting, no bare link, no spam."""
    rest = _LINK.sub(" ", text)
    found = words(rest)
    if not has_words(rest) or max(map(len, found), default=0) <= 1:
        return False
    if len(found) > _REPEATED and max(Counter(found).values()) > max(_REPEATED, len(found) // 3):
        return False
    return SmalltalkMatcher(messages).match(text, None) is None


def unhelpful_key(entry_id: str, revision: str) -> str:
    """The key under which thumbs down on an entry's present text are set aside."""
    return text_key(f"thumbs-down {entry_id} {revision}")


def _percent(share: float) -> int:
    return round(100 * share)
