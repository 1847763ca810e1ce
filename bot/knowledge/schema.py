"""The shape of the files in a knowledge folder, as pydantic models.

They check what people wrote, and generate the JSON Schema that editors complete against.
Values arrive as text (see `strict_yaml`), and become numbers or dates only where a field says so.
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from bot.models import Standing

LANGUAGE = re.compile(r"[a-z]{2}\Z")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
SCHEMA_LINE = "# yaml-language-server: $schema=../entry.schema.json"


def _plain_day(value: object) -> object:
    """Only a day as people write it: pydantic alone takes `0` for 1970-01-01."""
    if isinstance(value, str) and not DAY.match(value):
        raise ValueError(f"must be a date such as 2026-11-01 (found `{value[:60]}`)")
    return value


def _word_list(value: object) -> object:
    """A key with nothing after it is an empty list."""
    return [] if value is None else value


Id = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\s:/\\]+$")]
"""Whatever a file name and a button can carry; `aifaq check` asks for lower case and hyphens."""
Category = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^:/\\]+$")]
Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
Day = Annotated[date, BeforeValidator(_plain_day)]
Phrases = Annotated[list[Phrase], BeforeValidator(_word_list)]
Keys = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=200)]],
    BeforeValidator(_word_list),
]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _gather_languages(data: Any, into: str) -> Any:
    """Move the keys that are language codes into one dictionary; files have them at the top."""
    if not isinstance(data, dict):
        return data
    if into in data:
        raise ValueError(f"unknown key `{into}`; write the languages (`en:`, `fr:`) at this level")
    languages = {key: value for key, value in data.items() if is_language(key)}
    rest = {key: value for key, value in data.items() if key not in languages}
    return {**rest, into: languages}


def is_language(key: object) -> bool:
    """Whether a key of a file is a language code such as `en`."""
    return isinstance(key, str) and key != "id" and bool(LANGUAGE.match(key))


class LanguageBlock(_File):
    """An entry in one language."""

    question: Annotated[
        Phrase, Field(description="The question as a title, complete and self-explaining.")
    ]
    variants: Annotated[
        Phrases,
        Field(default_factory=list, description="Other ways people ask it."),
    ]
    not_: Annotated[
        Phrases,
        Field(
            default_factory=list,
            alias="not",
            description="Phrasings that look alike and must not match this entry.",
        ),
    ]
    answer: Annotated[
        Text, Field(description="Two to six sentences in Markdown, shown word for word.")
    ]


class FigureBlock(_File):
    """One number, with its label in each language."""

    value: Annotated[
        float, Field(allow_inf_nan=False, description="A plain number in the unit of the figures.")
    ]
    standing: Annotated[Standing | None, Field(description="How firm this number is.")] = None
    source: Annotated[str | None, Field(description="Its key in sources.yaml.")] = None

    labels: Annotated[dict[str, Phrase], Field(default_factory=dict)]

    @model_validator(mode="before")
    @classmethod
    def _labels_by_language(cls, data: Any) -> Any:
        return _gather_languages(data, "labels")


class FiguresBlock(_File):
    """Numbers of one unit, drawn as a chart and listed as a table."""

    unit: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    scale: Literal["linear", "log"] = "linear"
    values: Annotated[list[FigureBlock], Field(min_length=1, max_length=100)]


class EntryFile(_File):
    """One curated answer: a file `<category>/<id>.yaml`."""

    id: Annotated[Id, Field(description="The file's name without `.yaml`.")]
    category: Annotated[Category, Field(description="The folder's name.")]
    standing: Annotated[
        Standing | None, Field(description="How firm the answer is as a whole.")
    ] = None
    as_of: Annotated[Day | None, Field(description="The facts hold as of this day.")] = None
    review_by: Annotated[
        Day | None, Field(description="After this day the entry is due for review.")
    ] = None
    sources: Annotated[
        Keys, Field(default_factory=list, description="Keys of sources.yaml, best first.")
    ]
    related: Annotated[Keys, Field(default_factory=list, description="Ids a reader asks for next.")]
    formerly: Annotated[Keys, Field(default_factory=list, description="Ids this entry had before.")]
    figures: Annotated[
        FiguresBlock | None, Field(description="Numbers that the answer compares.")
    ] = None
    texts: Annotated[dict[str, LanguageBlock], Field(default_factory=dict)]

    @model_validator(mode="before")
    @classmethod
    def _texts_by_language(cls, data: Any) -> Any:
        return _gather_languages(data, "texts")

    @model_validator(mode="after")
    def _has_a_language(self) -> EntryFile:
        if not self.texts:
            raise ValueError(
                "no language yet: add a block such as `en:` with `question` and `answer`"
            )
        return self


class SourceBlock(_File):
    """One work of the bibliography."""

    publisher: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    title: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>|]+$", max_length=500)]
    date: Annotated[str | None, StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")] = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] = "en"


class GlossaryFile(_File):
    """Names, and words that mean the same, across languages."""

    names: dict[str, Phrases] = Field(default_factory=dict)
    synonyms: dict[str, dict[str, Phrases]] = Field(default_factory=dict)


class QuestionBlock(_File):
    """A regression question with further entries that would answer it well."""

    text: Text
    accept: Keys = Field(default_factory=list)


class OutOfScopeBlock(_File):
    """Questions that must get no answer."""

    near: Annotated[list[Text], BeforeValidator(_word_list)] = Field(default_factory=list)
    far: Annotated[list[Text], BeforeValidator(_word_list)] = Field(default_factory=list)


class QuestionsFile(_File):
    """Regression questions of one language: `questions/<language>.yaml`."""

    entries: dict[str, list[QuestionBlock]] = Field(default_factory=dict)
    out_of_scope: OutOfScopeBlock = Field(default_factory=OutOfScopeBlock)

    @model_validator(mode="before")
    @classmethod
    def _texts_become_blocks(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("entries"), dict):
            entries = {
                key: [{"text": item} if isinstance(item, str) else item for item in items]
                if isinstance(items, list)
                else items
                for key, items in data["entries"].items()
            }
            return {**data, "entries": entries}
        return data


def entry_json_schema() -> dict[str, Any]:
    """The JSON Schema of an entry file, with the language blocks at the top level."""
    schema = EntryFile.model_json_schema()
    schema["properties"].pop("texts")
    for name in ("standing", "as_of", "review_by", "figures"):
        _unwrap_optional(schema["properties"][name])
    schema["patternProperties"] = {"^(?!id$)[a-z]{2}$": {"$ref": "#/$defs/LanguageBlock"}}
    figure = schema["$defs"]["FigureBlock"]
    for name in ("standing", "source"):
        _unwrap_optional(figure["properties"][name])
    label = figure["properties"].pop("labels")["additionalProperties"]
    figure["patternProperties"] = {"^(?!id$)[a-z]{2}$": label}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _unwrap_optional(node: dict[str, Any]) -> None:
    """An absent key is how a file says "none": offer the real type only."""
    node.pop("default", None)
    options = [option for option in node.pop("anyOf", []) if option.get("type") != "null"]
    if options:
        node.update(options[0])


def schema_text() -> str:
    """The content of `knowledge/entry.schema.json`."""
    return json.dumps(entry_json_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":  # python -m bot.knowledge.schema > knowledge/entry.schema.json
    print(schema_text(), end="")  # noqa: T201
