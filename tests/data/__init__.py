"""Small knowledge folders for tests, written where a test wants them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

ENTRY = """\
id: {id}
category: food
standing: claimed
as_of: 2026-01-15
review_by: 2027-01-15
sources: [paper]
related: [{related}]
en:
  question: {en}
  variants:
{en_variants}
  answer: |
    {en_answer}
fr:
  question: {fr}
  variants:
{fr_variants}
  answer: |
    {fr_answer}
"""


QUESTIONS = """\
entries:
  bread-price:
    - is a loaf dear these days
    - my baker asks for more money than yours, why
    - wheat went up, and my toast with it?
    - {text: "flour and what comes of it: costs", accept: [tea-origin]}
  tea-origin:
    - which country gave us the teapot
    - Assam or Darjeeling, where did it begin
    - who dried such leaves first
    - history of the infusion
out_of_scope:
  near:
    - how long does coffee keep
  far:
    - hello there
"""


def write_base(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files by their relative path; texts are dedented. Returns the folder."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = content if isinstance(content, bytes) else dedent(content).encode()
        path.write_bytes(raw)
    return root


def clean_base() -> dict[str, str | bytes]:
    """Two entries in both languages, a bibliography and questions: nothing to complain about."""
    return {
        "sources.yaml": """\
            paper:
              publisher: Journal of Bread
              title: On bread and its price
              url: https://example.org/bread
              date: 2025-01
            """,
        "food/bread-price.yaml": entry(
            "bread-price",
            related="tea-origin",
            en="What does a loaf of bread cost?",
            fr="Combien coûte une baguette\u00a0?",
            topics={
                "en": ("price of bread", "loaf", "baker", "wheat", "flour", "toast"),
                "fr": ("prix du pain", "baguette", "boulanger", "blé", "farine", "tartine"),
            },
            en_answer="About two euros, says the Journal of Bread in January 2025.",
            fr_answer="Environ un euro, selon le Journal of Bread en janvier 2025.",
        ),
        "food/tea-origin.yaml": entry(
            "tea-origin",
            related="bread-price",
            en="Where does tea come from?",
            fr="D'où vient le thé\u00a0?",
            topics={
                "en": ("home of tea", "teapot", "leaves", "Assam", "infusion", "Darjeeling"),
                "fr": ("pays du thé", "théière", "feuilles", "Assam", "tisane", "Darjeeling"),
            },
            en_answer="From China, where it was drunk long before our era.",
            fr_answer="De Chine, où on le buvait bien avant notre ère.",
        ),
        "questions/en.yaml": QUESTIONS,
    }


def entry(
    entry_id: str,
    *,
    related: str,
    en: str,
    fr: str,
    topics: Mapping[str, tuple[str, ...]],
    en_answer: str,
    fr_answer: str,
) -> str:
    """An entry file with twelve variants per language, around the given words."""
    forms = {
        "en": ("tell me about {}", "anything on {} please"),
        "fr": ("parlez-moi de {}", "que sait-on de {}"),
    }
    variants = {
        f"{locale}_variants": "\n".join(
            f"    - {form.format(word)}" for word in topics[locale] for form in forms[locale]
        )
        for locale in topics
    }
    return ENTRY.format(
        id=entry_id,
        related=related,
        en=en,
        fr=fr,
        en_answer=en_answer,
        fr_answer=fr_answer,
        **variants,
    )
