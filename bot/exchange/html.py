"""One HTML page with all questions and answers, to read, print or publish."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from bot.models import Answer, Locale
from bot.service import Faq

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.55 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; }
body { padding: 0 1rem; }
h1, h2, h3 { line-height: 1.25; } h3 { margin-top: 2.2rem; }
nav li { margin: .15rem 0; } small, footer { color: GrayText; }
table { border-collapse: collapse; } td { padding: .15rem .8rem .15rem 0; }
"""


def write_html(faq: Faq, locale: Locale) -> str:
    """A page in one language, complete in itself; the texts are escaped."""
    return "\n".join(_page(faq, locale)) + "\n"


def _page(faq: Faq, locale: Locale) -> Iterator[str]:
    topics = faq.topics(locale)
    title = escape(faq.messages.text("moderation.page.title", locale))
    yield f'<!doctype html>\n<html lang="{escape(locale)}">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>"
    yield "<nav>"
    for topic in topics:
        yield f"<h2>{escape(topic.label)}</h2>\n<ul>"
        for link in topic.links:
            yield f'<li><a href="#{escape(link.entry_id)}">{escape(link.question)}</a></li>'
        yield "</ul>"
    yield "</nav>"
    for topic in topics:
        yield f"<h2>{escape(topic.label)}</h2>"
        for link in topic.links:
            answer = faq.show(link.entry_id, locale).answer
            if answer is not None:
                yield from _article(faq, answer, locale)
    yield "</body>\n</html>"


def _article(faq: Faq, answer: Answer, locale: Locale) -> Iterator[str]:
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark", {"html": False})
    yield f'<article id="{escape(answer.entry_id)}" lang="{escape(answer.locale)}">'
    yield f"<h3>{escape(answer.question)}</h3>"
    yield markdown.render(answer.text).rstrip()
    facts = []
    if answer.standing is not None:
        facts.append(faq.messages.text(f"standing.{answer.standing}", locale))
    if answer.as_of is not None:
        day = faq.messages.format_date(answer.as_of, locale)
        facts.append(faq.messages.text("label.as_of", locale, date=day))
    if facts:
        yield f"<p><small>{escape(', '.join(facts))}</small></p>"
    if answer.sources:
        yield "<ul>"
        for source in answer.sources:
            label = escape(f"{source.publisher}, {source.title}")
            yield f'<li><small><a href="{escape(source.url)}">{label}</a></small></li>'
        yield "</ul>"
    yield "</article>"
