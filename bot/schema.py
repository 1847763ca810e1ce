"""The shape of the files in a knowledge folder, as pydantic models.

They check what people wrote, and generate the JSON Schema that editors complete against.
Values arrive as text (see `strict_yaml`), and become numbers or dates only where a field says so.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.models import Standing

LANGUAGE = re.compile(r"[a-z]{2}\Z")
ID_PATTERN = r"^[a-z0-9]+(?:[-_.][a-z0-9]+)*$"
SCHEMA_LINE = "# yaml-language-server: $schema=../entry.schema.json"

Id = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=ID_PATTERN)]
Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class LanguageBlock(_File):
    """An entry in one language."""

    question: Annotated[
        Phrase, Field(description="The question as a title, complete and self-explaining.")
    ]
    variants: Annotated[
        list[Phrase],
        Field(default_factory=list, max_length=2000, description="Other ways people ask it."),
    ]
    not_: Annotated[
        list[Phrase],
        Field(
            default_factory=list,
            max_length=500,
            alias="not",
            description="Phrasings that look alike and must not match this entry.",
        ),
    ]
    answer: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000),
        Field(description="Two to six sentences in Markdown, shown word for word."),
    ]


class FigureBlock(BaseModel):
    """One number, with its label in each language."""

    model_config = ConfigDict(extra="allow")

    value: Annotated[
        float, Field(allow_inf_nan=False, description="A plain number in the unit of the figures.")
    ]
    standing: Annotated[Standing | None, Field(description="How firm this number is.")] = None
    source: Annotated[str | None, Field(description="Its key in sources.yaml.")] = None

    @model_validator(mode="after")
    def _labels_are_texts(self) -> FigureBlock:
        for key, label in (self.model_extra or {}).items():
            if not LANGUAGE.match(key):
                raise ValueError(f"unknown key `{key}`")
            if not isinstance(label, str) or not label.strip():
                raise ValueError(f"the label `{key}` must be a text")
        return self

    @property
    def labels(self) -> dict[str, str]:
        """Label by language."""
        return dict(self.model_extra or {})


class FiguresBlock(_File):
    """Numbers of one unit, drawn as a chart and listed as a table."""

    unit: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    scale: Literal["linear", "log"] = "linear"
    values: Annotated[list[FigureBlock], Field(min_length=1, max_length=20)]


class EntryFile(_File):
    """One curated answer: a file `<category>/<id>.yaml`."""

    id: Annotated[Id, Field(description="The file's name without `.yaml`.")]
    category: Annotated[Id, Field(description="The folder's name.")]
    standing: Annotated[
        Standing | None, Field(description="How firm the answer is as a whole.")
    ] = None
    as_of: Annotated[date | None, Field(description="The facts hold as of this day.")] = None
    review_by: Annotated[
        date | None, Field(description="After this day the entry is due for review.")
    ] = None
    sources: Annotated[
        list[str],
        Field(default_factory=list, max_length=50, description="Keys of sources.yaml."),
    ]
    related: Annotated[
        list[str],
        Field(default_factory=list, max_length=25, description="Ids a reader asks for next."),
    ]
    formerly: Annotated[
        list[str],
        Field(default_factory=list, max_length=50, description="Ids this entry had before."),
    ]
    figures: Annotated[
        FiguresBlock | None, Field(description="Numbers that the answer compares.")
    ] = None
    texts: Annotated[dict[str, LanguageBlock], Field(default_factory=dict)]

    @model_validator(mode="before")
    @classmethod
    def _gather_languages(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        texts = {key: value for key, value in data.items() if LANGUAGE.match(key) and key != "id"}
        rest = {key: value for key, value in data.items() if key not in texts}
        for key in ("sources", "related", "formerly"):
            if rest.get(key, ...) is None:
                del rest[key]
        return {**rest, "texts": texts} if "texts" not in rest else data

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

    names: dict[str, list[Phrase]] = Field(default_factory=dict)
    synonyms: dict[str, dict[str, list[Phrase]]] = Field(default_factory=dict)


class QuestionBlock(_File):
    """A regression question with further entries that would answer it well."""

    text: Phrase
    accept: list[str] = Field(default_factory=list)


class OutOfScopeBlock(_File):
    """Questions that must get no answer."""

    near: list[Annotated[str, StringConstraints(min_length=1, max_length=4000)]] = Field(
        default_factory=list
    )
    far: list[Annotated[str, StringConstraints(min_length=1, max_length=4000)]] = Field(
        default_factory=list
    )


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
    schema["patternProperties"] = {"^[a-z]{2}$": {"$ref": "#/$defs/LanguageBlock"}}
    figure = schema["$defs"]["FigureBlock"]
    for name in ("standing", "source"):
        _unwrap_optional(figure["properties"][name])
    figure["patternProperties"] = {"^[a-z]{2}$": {"type": "string", "minLength": 1}}
    figure["additionalProperties"] = False
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _unwrap_optional(node: dict[str, Any]) -> None:
    """An absent key is how a file says "none": offer the real type only."""
    node.pop("default", None)
    options = [option for option in node.pop("anyOf", []) if option.get("type") != "null"]
    if options:
        node.update(options[0])
