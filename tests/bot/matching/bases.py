"""A small bilingual base made for the matcher's tests."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from bot.knowledge import KnowledgeBase, load_knowledge

FILES = {
    "places/tower-height.yaml": """
        id: tower-height
        category: places
        en:
          question: How tall is the Granite Tower?
          variants: [height of the tower, how many metres high is it]
          not: [how tall is the lighthouse keeper]
          answer: The tower is 81 metres tall.
        fr:
          question: Quelle est la hauteur de la tour de granit ?
          variants: [combien de mètres fait la tour, hauteur de la tour]
          answer: La tour mesure 81 mètres.
        """,
    "places/tower-price.yaml": """
        id: tower-price
        category: places
        en:
          question: How much is a ticket for the Granite Tower?
          variants: [price of the tower, what do I pay to go up, ticket cost]
          answer: A ticket costs nine crowns.
        fr:
          question: Combien coûte un billet pour la tour de granit ?
          variants: [prix de la tour, tarif du billet]
          answer: Un billet coûte neuf couronnes.
        """,
    "trains/atlas-5.yaml": """
        id: atlas-5
        category: trains
        en:
          question: How fast is the Atlas 5?
          variants: [top speed of the Atlas 5, speed of the fifth Atlas]
          answer: The Atlas 5 runs at 210 kilometres an hour.
        """,
    "trains/atlas-6.yaml": """
        id: atlas-6
        category: trains
        en:
          question: How fast is the Atlas 6?
          variants: [top speed of the Atlas 6, speed of the sixth Atlas]
          answer: The Atlas 6 runs at 260 kilometres an hour.
        """,
    "glossary.yaml": """
        names:
          atlas 5: [atlas five, atlas5]
          atlas 6: [atlas six, atlas6]
          granite tower: [tour de granit]
        synonyms:
          cost: {en: [cost, price, fee, admission], fr: [coût, prix, tarif]}
        """,
}


def small_base(folder: Path, extra: dict[str, str] | None = None) -> KnowledgeBase:
    """Write the base into a folder, with more files or other contents, and load it."""
    for name, content in {**FILES, **(extra or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(content), encoding="utf-8")
    return load_knowledge(folder)
