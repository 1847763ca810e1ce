"""Makes the pictures of the documentation with the program itself.

Run `python docs/make_pictures.py` when answers or cards have changed; the pictures are committed,
so that a reader of the repository sees them without running anything.
"""  # noqa: INP001 - a script beside the documentation, no package

from __future__ import annotations

import io
import re
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from adapters.console import CardScreen, Host
from bot.charts.entry import chart_png
from bot.service import Faq
from bot.settings import Settings

IMAGES = Path(__file__).parent / "images"
COLUMNS = 76
QUESTIONS = {"en": "how much did gpt 4 cost to train?", "fr": "gpt4 ça a couté combien ?"}
"""As people type them."""
CHART = "deepseek-budget-vs-rivals"

# No font from the network: what is installed will do, since every glyph has its place given.
SVG_FORMAT = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def main() -> None:
    """Write all pictures."""
    IMAGES.mkdir(exist_ok=True)
    faq = Faq.load(Settings())
    for locale, question in QUESTIONS.items():
        (IMAGES / f"answer-{locale}.svg").write_text(chat_svg(faq, locale, question), "utf-8")
    entry = faq.knowledge.entries[CHART]
    for locale in QUESTIONS:
        png = chart_png(entry, locale, messages=faq.messages, sources=faq.knowledge.sources)
        assert png is not None
        (IMAGES / f"chart-{locale}.png").write_bytes(png)


def chat_svg(faq: Faq, locale: str, question: str) -> str:
    """What `aifaq chat` shows after a question, as a picture."""
    console = Console(
        file=io.StringIO(), width=COLUMNS, record=True, force_terminal=True, highlight=False
    )
    console.print(Text.assemble(("› ", "bold cyan"), question))
    host = Host(faq, CardScreen(faq.messages, console), locale=locale)
    reply = host.ask(question)
    assert reply.answer is not None, f"{question!r} is not answered any more"
    assert reply.locale == locale
    return console.export_svg(
        title="aifaq chat", code_format=SVG_FORMAT, unique_id=f"chat-{locale}"
    )


if __name__ == "__main__":
    main()
