"""The linter names what people would meet as wrong, with file, line and remedy."""

from __future__ import annotations

import re
from datetime import date

import pytest

from bot.knowledge import load_knowledge
from bot.lint import Finding, Severity, exit_code, lint
from bot.matching.fusion import BUNDLED
from bot.models import Candidate, Variant
from tests.data import clean_base, write_base

TODAY = date(2026, 11, 23)
BREAD = "food/bread-price.yaml"
TEA = "food/tea-origin.yaml"


class OrderedMatcher:
    """An engine that finds what it is told to, and otherwise the owner of a phrasing."""

    def __init__(self, knowledge, wins=(), confidence=0.9):
        self.knowledge = knowledge
        self.wins = dict(wins)
        self.confidence = confidence

    def rank(self, text, locale=None, *, limit=10):
        winner = self.wins.get(text) or self.owner(text)
        entries = sorted(self.knowledge.entries.values(), key=lambda entry: entry.id != winner)
        rest = (1 - self.confidence) / max(1, len(entries) - 1)
        return [
            Candidate(
                entry=entry,
                variant=Variant(entry.id, "en", entry.text("en").question),
                confidence=rest if number else self.confidence,
                score=-5.0 * number,
            )
            for number, entry in enumerate(entries[:limit])
        ]

    def rank_all(self, questions, *, outright=True):
        return [self.rank(text, locale) for text, locale in questions]

    def owner(self, text):
        for question in self.knowledge.questions:
            if question.text == text:
                return question.entry_id
        for entry in self.knowledge.entries.values():
            for content in entry.texts.values():
                if text in (content.question, *content.variants):
                    return entry.id
        return None


def findings(tmp_path, files, **engine):
    """What the linter says of a folder, with an engine that does no wrong unless told to."""
    knowledge = load_knowledge(write_base(tmp_path, files))
    return lint(knowledge, matcher=OrderedMatcher(knowledge, **engine), today=TODAY)


def change(files, path, *replacements):
    """The files with texts replaced in one of them; each must occur."""
    text = files[path]
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new, 1)
    return files | {path: text}


def test_a_clean_base_has_no_findings(tmp_path):
    """Nothing is said where nothing is to be done."""
    assert findings(tmp_path, clean_base()) == []


def test_a_finding_reads_like_a_compiler_message():
    """Editors and people find the place."""
    finding = Finding("a/b.yaml", 7, Severity.ERROR, "unknown-source", "`x` is not there")
    assert str(finding) == "a/b.yaml:7: error: `x` is not there [unknown-source]"


def test_errors_fail_and_warnings_only_when_strict():
    """CI stays green for what merely could be better, unless it asks for more."""
    warning = Finding("a", 1, Severity.WARNING, "few-variants", "write more")
    error = Finding("a", 1, Severity.ERROR, "unknown-source", "add it")
    assert [exit_code([]), exit_code([], strict=True)] == [0, 0]
    assert [exit_code([warning]), exit_code([warning], strict=True)] == [0, 1]
    assert [exit_code([warning, error]), exit_code([error], strict=True)] == [1, 1]


QUESTION_EN = "What does a loaf of bread cost?"
QUESTION_FR = "Combien coûte une baguette\u00a0?"
ANSWER_EN = "About two euros, says the Journal of Bread in January 2025."
ANSWER_FR = "Environ un euro, selon le Journal of Bread en janvier 2025."
FIGURE = "figures: {unit: EUR, values: [{value: 2, source: paper, en: loaf, fr: pain}]}\nen:"
VARIANT = "tell me about loaf"


@pytest.mark.parametrize(
    ("old", "new", "expected", "words"),
    [
        ("category: food", "category: drink", "2 error category-not-folder", "drink/"),
        ("standing: claimed\n", "", "1 warning no-standing", "confirmed, claimed or disputed"),
        ("as_of: 2026-01-15\n", "", "1 warning no-as-of", "on which day"),
        ("review_by: 2027-01-15\n", "", "1 warning no-review-by", "looked at again"),
        ("related: [tea-origin]\n", "", "1 warning no-related", "two to four"),
        ("sources: [paper]\n", "", "1 warning no-sources", "at least one key"),
        ("as_of: 2026-01-15", "as_of: 2026-11-24", "4 error as-of-in-future", "2026-11-24"),
        ("by: 2027-01-15", "by: 2026-01-15", "5 error review-before-as-of", "not after"),
        ("by: 2027-01-15", "by: 2026-11-22", "5 warning review-due", "since 2026-11-22"),
        ("[paper]", "[paper, papre]", "6 error unknown-source", "did you mean `paper`?"),
        ("[paper]", "[paper, zzz]", "6 error unknown-source", "add it there, or remove it here"),
        ("[paper]", "[paper, paper]", "6 warning repeated-key", "2 times"),
        ("[tea-origin]", "[tea-orign]", "7 error unknown-related", "did you mean `tea-origin`?"),
        ("[tea-origin]", "[bread-price]", "7 error related-to-itself", "another one"),
        ("en:", FIGURE.replace(", fr: pain", ""), "8 error figure-label", "`fr`"),
        ("en:", FIGURE.replace("paper", "page"), "8 error unknown-source", "`paper`"),
        ("en:", FIGURE.replace("values", "scale: log, values").replace("2", "0"),
         "8 error log-scale", "scale: linear"),
        (QUESTION_EN, QUESTION_EN + " In a bakery, at a market or in a supermarket?",
         "9 warning long-question", "an option or a button on Slack (75); shorten it"),
        (ANSWER_EN, "x" * 4097, "23 error long-answer", "an answer on Discord holds 4096"),
        (ANSWER_EN, "x" * 3001, "23 warning long-answer", "3000"),
        (ANSWER_FR, ANSWER_EN, "40 error untranslated", "the same as in `en`"),
        (QUESTION_FR, QUESTION_EN.replace("?", "\u00a0?"), "26 error untranslated", "translate it"),
        (QUESTION_FR, "Combien coûte une baguette ?", "26 warning french-typography", "`?`"),
        (QUESTION_FR, "Combien coûte une baguette?", "26 warning french-typography", "`?`"),
        (ANSWER_FR, "On dit:\n    un euro.", "41 warning french-typography", "`:`"),
        (ANSWER_FR, "Voici\u00a0:\n    « un euro\u00a0».", "42 warning french-typography", "`«`"),
        (ANSWER_FR, "Voici\n    «\u00a0un euro».", "42 warning french-typography", "`»`"),
        (ANSWER_FR, 'Un\n    autre\n    "euro.', "43 warning french-typography", "« … »"),
        (VARIANT, "tell me about pots #loaf", "13 warning cut-text", "in quotes"),
        (VARIANT, '"?!"', "13 warning no-words", "in words"),
        (VARIANT, "Tell me about PRICE of bread!", "13 warning repeated-variant", "line 11"),
        ("en:", "formerly: [" + "x" * 70 + "]\nen:", None, ""),
        (QUESTION_FR, '"Pain\u00a0: 5,6\u00a0€ à 12:30 (ou non)\u202f?!"', None, ""),
        (ANSWER_FR, "Voir https://example.org/?a;b:c «\u00a0ici\u00a0».", None, ""),
        (VARIANT, '"tell me about pots #loaf"', None, ""),
    ],
)  # fmt: skip
def test_a_mistake_in_an_entry_is_named_at_its_line(tmp_path, old, new, expected, words):
    """One mistake gives one finding, where it is, with what to do."""
    found = findings(tmp_path, change(clean_base(), BREAD, (old, new)))
    if expected is None:
        assert found == []
        return
    [finding] = [one for one in found if one.path == BREAD]
    assert f"{finding.line} {finding.severity} {finding.code}" == expected
    assert words in finding.message


def named(found):
    """Findings as short texts."""
    return [f"{one.path}:{one.line} {one.severity} {one.code}" for one in found]


def test_the_id_is_the_files_name(tmp_path):
    """A renamed id is named; a plain one is asked for."""
    files = clean_base()
    text = files.pop(BREAD)
    files["food/Bread.yaml"] = text.replace("id: bread-price", "id: Bread_Price")
    found = findings(tmp_path, files)
    assert "food/Bread.yaml:1 error id-not-file" in named(found)
    assert "food/Bread.yaml:1 warning odd-id" in named(found)


def test_an_id_must_leave_room_in_a_button(tmp_path):
    """Discord's button ids have 100 characters for the id and all else."""
    long = "b" * 65
    files = clean_base()
    files[f"food/{long}.yaml"] = files.pop(BREAD).replace("bread-price", long)
    assert f"food/{long}.yaml:1 warning long-id" in named(findings(tmp_path, files))


def test_few_variants_and_uneven_languages_are_named(tmp_path):
    """The matcher lives on variants, in every language."""
    variants = [f"    - {form} {word}\n" for word in ("farine", "tartine", "boulanger", "blé")
                for form in ("parlez-moi de", "que sait-on de")]  # fmt: skip
    files = change(clean_base(), BREAD, *((variant, "") for variant in variants))
    assert named(findings(tmp_path, files)) == [
        f"{BREAD}:27 warning few-variants",
        f"{BREAD}:27 warning uneven-variants",
    ]


def test_a_missing_language_is_named(tmp_path):
    """Where other entries speak French, this one should."""
    files = clean_base()
    files[BREAD] = files[BREAD].partition("fr:\n")[0]
    assert named(findings(tmp_path, files)) == [f"{BREAD}:1 warning missing-language"]


def test_a_base_of_one_language_misses_none(tmp_path):
    """One language is a whole base."""
    files = clean_base()
    for path in (BREAD, TEA):
        files[path] = files[path].partition("fr:\n")[0]
    assert findings(tmp_path, files) == []


def test_unused_and_doubled_sources_are_named(tmp_path):
    """The bibliography holds what is cited, once."""
    again = "paper-2: {publisher: P, title: T, url: 'https://example.org/bread'}\n"
    other = "other: {publisher: P, title: T, url: 'https://example.org/other'}\n"
    files = change(clean_base(), BREAD, ("[paper]", "[paper, paper-2]"))
    files["sources.yaml"] = (
        "paper: {publisher: P, title: T, url: 'https://example.org/bread'}\n" + again + other
    )
    assert named(findings(tmp_path, files)) == [
        "sources.yaml:2 warning same-address",
        "sources.yaml:3 warning unused-source",
    ]


def test_related_entries_may_form_a_cycle_but_not_a_crowd(tmp_path):
    """The clean base is a cycle; five related entries are too many to click."""
    files = clean_base()
    ids = ["one", "two", "three", "four", "five"]
    for entry_id in ids:
        files[f"food/{entry_id}.yaml"] = (
            f"id: {entry_id}\ncategory: food\nrelated: [tea-origin]\n"
            f"en: {{question: About {entry_id}, answer: It is {entry_id}.}}\n"
        )
    files = change(files, BREAD, ("[tea-origin]", f"[{', '.join(ids)}]"))
    found = [one for one in findings(tmp_path, files) if one.path == BREAD]
    assert named(found) == [f"{BREAD}:7 warning many-related"]


def test_a_former_id_is_replaced_by_the_present_one(tmp_path):
    """It still works, but reads wrong."""
    files = change(clean_base(), TEA, ("related:", "formerly: [tea]\nrelated:"))
    files = change(files, BREAD, ("[tea-origin]", "[tea]"))
    files = change(files, "questions/en.yaml", ("tea-origin:", "tea:"))
    found = findings(tmp_path, files)
    assert f"{BREAD}:7 warning renamed-related" in named(found)
    assert "questions/en.yaml:8 warning renamed-entry" in named(found)


# Phrasings against each other


def test_one_phrasing_belongs_to_one_entry(tmp_path):
    """The finding names the other file and line, whatever case and accents are."""
    files = change(clean_base(), TEA, ("tell me about teapot", "Tell me about LOAF!"))
    [finding] = findings(tmp_path, files)
    assert named([finding]) == [f"{TEA}:13 error duplicate-variant"]
    assert f"{BREAD}:13" in finding.message


def test_an_entry_does_not_refuse_what_it_answers(tmp_path):
    """A `not:` that equals an own variant contradicts it; a neighbour's is what `not:` is for."""
    block = "  not:\n    - how dear is coffee\n    - Tell me about loaf\n  answer: |\n    About two"
    files = change(clean_base(), BREAD, ("  answer: |\n    About two", block))
    [finding] = findings(tmp_path, files)
    assert named([finding]) == [f"{BREAD}:25 error contradiction"]
    assert "line 13" in finding.message


@pytest.mark.parametrize(("confidence", "severity"), [(0.9, "error"), (0.52, "warning")])
def test_a_stolen_variant_names_the_thief(tmp_path, confidence, severity):
    """It is an error where the thief would be answered, and a warning where it is suggested."""
    [finding] = findings(
        tmp_path, clean_base(), wins={VARIANT: "tea-origin"}, confidence=confidence
    )
    assert named([finding]) == [f"{BREAD}:13 {severity} stolen-variant"]
    assert "`tea-origin`" in finding.message
    assert VARIANT in finding.message


def test_a_stolen_question_names_owner_and_thief(tmp_path):
    """What would be answered wrongly is named, unless the other entry is accepted."""
    wins = {
        "is a loaf dear these days": "tea-origin",
        "flour and what comes of it: costs": "tea-origin",
    }
    [finding] = findings(tmp_path, clean_base(), wins=wins)
    assert named([finding]) == ["questions/en.yaml:3 warning stolen-question"]
    assert "belongs to `bread-price` and is answered by `tea-origin`" in finding.message


def test_a_question_that_is_only_suggested_wrongly_is_left_to_the_evaluation(tmp_path):
    """Nobody is told something wrong by a suggestion."""
    wins = {"is a loaf dear these days": "tea-origin"}
    assert findings(tmp_path, clean_base(), wins=wins, confidence=0.52) == []


def test_the_replay_can_be_left_out(tmp_path):
    """A curator's change is checked in milliseconds, and replayed elsewhere."""
    knowledge = load_knowledge(write_base(tmp_path, clean_base()))
    matcher = OrderedMatcher(knowledge, {VARIANT: "tea-origin"})
    assert lint(knowledge, matcher=matcher, today=TODAY, replay=False) == []


def test_the_real_engine_is_used_when_none_is_given(tmp_path):
    """Without an engine one is built from the base."""
    knowledge = load_knowledge(write_base(tmp_path, clean_base()))
    assert {one.code for one in lint(knowledge, today=TODAY)} <= {"stolen-question"}


# Regression questions

QUESTIONS = "questions/en.yaml"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("  bread-price:", "  bread-prise:", "3 error unknown-entry"),
        ("accept: [tea-origin]", "accept: [coffee]", "6 error unknown-entry"),
        ("- history of the infusion", "", "7 warning few-questions"),
        ("history of the infusion", "Is a loaf DEAR these days?", "11 error conflicting-label"),
        (
            "- history",
            "- who dried such leaves first\n    - history",
            "11 warning repeated-question",
        ),
        ("history of the infusion", "home of tea, tell me about", None),
        ("history of the infusion", "tell me about the infusion", None),
        ("history of the infusion", "tell me about infusion", "11 warning question-is-variant"),
        ("history of the infusion", "tell me about flour", "11 error question-is-variant"),
        ("hello there", "History of the infusion?", "16 error conflicting-label"),
        ("- hello there", "- hello there\n    - Hello there", "17 warning repeated-question"),
    ],
)
def test_a_mistake_in_the_questions_is_named(tmp_path, old, new, expected):
    """Labels exist, do not conflict, and test something."""
    found = findings(tmp_path, change(clean_base(), QUESTIONS, (old, new)))
    found = [one for one in found if one.code != "stolen-question"]
    places = [f"{one.line} {one.severity} {one.code}" for one in found if one.path == QUESTIONS]
    assert (expected in places) if expected else found == []


def test_a_calibration_of_other_content_is_named(tmp_path):
    """It is right for what it was fitted on."""
    files = clean_base()
    fingerprint = load_knowledge(write_base(tmp_path, files)).fingerprint
    weights = BUNDLED.read_text(encoding="utf-8")
    fitting = re.sub(r"^content: .*", f"content: {fingerprint}", weights, flags=re.MULTILINE)
    assert findings(tmp_path, {"calibration.yaml": fitting}) == []
    other = fitting.replace(fingerprint, "abc")
    line = other.splitlines().index("content: abc") + 1
    found = findings(tmp_path, {"calibration.yaml": other})
    assert named(found) == [f"calibration.yaml:{line} warning old-calibration"]


def test_a_broken_calibration_is_an_error(tmp_path):
    """It is not used, and whoever looks after the base should know."""
    files = {**clean_base(), "calibration.yaml": "engine: 0\nprofiles: []\n"}
    assert named(findings(tmp_path, files)) == ["calibration.yaml:1 error broken-calibration"]


# The bot's own phrases


def test_interface_languages_have_the_same_keys_and_placeholders(tmp_path):
    """A phrase that lacks its number would fail at the worst moment."""
    files = clean_base() | {
        "interface/en.yaml": 'greeting: hello\ncount: "{number} items"\nempty: "{a}"\n',
        "interface/fr.yaml": 'count: "{nombre} choses"\nempty: ""\n',
    }
    assert named(findings(tmp_path, files)) == [
        "interface/fr.yaml:1 error missing-phrase",
        "interface/fr.yaml:1 error placeholders",
    ]


def test_an_interface_is_held_against_what_the_code_fills_in(tmp_path):
    """A folder that brings one phrase of its own cannot invent placeholders."""
    files = clean_base() | {"interface/en.yaml": 'limit:\n  hint: "wait {minutes}"\n'}
    [finding] = findings(tmp_path, files)
    assert named([finding]) == ["interface/en.yaml:2 error placeholders"]
    assert "{minutes} where {seconds} is filled in" in finding.message


@pytest.mark.parametrize(
    ("phrases", "code"), [('a: "{"\n', "placeholders"), ("a: [b\n", "interface")]
)
def test_a_broken_interface_is_named(tmp_path, phrases, code):
    """Lone braces and broken YAML are findings, not tracebacks."""
    files = clean_base() | {"interface/en.yaml": phrases}
    assert code in {one.code for one in findings(tmp_path, files)}


def test_the_shipped_base_is_clean():
    """What the files say by themselves is in order.

    How well questions find their entries has its own measure, and a corrected answer need not
    wait for a new calibration.
    """
    found = lint(load_knowledge(), today=TODAY, replay=False)
    assert [str(finding) for finding in found if finding.code != "old-calibration"] == []
