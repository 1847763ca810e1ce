"""What people really type: the same sentence in haste, which keeps its meaning and target."""

from __future__ import annotations

import random
import re
import string
import unicodedata

KEY_ROWS = {
    "en": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "fr": ("azertyuiop", "qsdfghjklm", "wxcvbn"),
}
"""Letters in the order of the keyboard, by language of the sentence."""

SHORTHAND = {
    "en": {
        "you": "u", "are": "r", "why": "y", "please": "pls", "because": "bc", "people": "ppl",
        "what is": "whats", "with": "w", "without": "w/o", "about": "abt", "your": "ur",
        "really": "rly", "to be": "2b", "going to": "gonna", "want to": "wanna", "though": "tho",
    },
    "fr": {
        "pourquoi": "pk", "c'est": "c", "est-ce que": "esk", "qu'est-ce que c'est": "c koi",
        "quoi": "koi", "beaucoup": "bcp", "parce que": "pcq", "quelque chose": "qqch",
        "quelqu'un": "qqn", "tout": "tt", "toujours": "tjrs", "vous": "vs", "nous": "ns",
        "dans": "ds", "avec": "ac", "que": "ke", "pour": "pr", "quand": "qd", "il y a": "ya",
        "je suis": "chui", "je ne sais pas": "jsp", "s'il vous plaît": "svp", "pas": "pa",
        "comment": "cmt", "combien": "cb", "rien": "ri1", "demain": "dem1", "qui": "ki",
    },
}  # fmt: skip
"""Common shorthand of chats, full form to short."""


def without_accents(text: str) -> str:
    """Return text with its accents taken off."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _neighbour(letter: str, lang: str, rng: random.Random) -> str:
    for row in KEY_ROWS[lang]:
        at = row.find(letter.lower())
        if at >= 0:
            return rng.choice([row[max(at - 1, 0)], row[min(at + 1, len(row) - 1)]])
    return letter


def mistype(text: str, lang: str, rng: random.Random) -> str:
    """Swap, drop, double or miss one letter inside a word of four letters or more."""
    words = [m for m in re.finditer(r"\w+", text) if m.end() - m.start() >= 4]
    if not words:
        return text
    word = rng.choice(words)
    at = rng.randrange(word.start() + 1, word.end() - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    if kind == 2:
        return text[:at] + text[at] + text[at:]
    return text[:at] + _neighbour(text[at], lang, rng) + text[at + 1 :]


def shorten(text: str, lang: str, rng: random.Random) -> str:
    """Write up to two phrases of the text in shorthand."""
    found = [full for full in SHORTHAND[lang] if re.search(rf"(?i)\b{full}\b", text)]
    for full in rng.sample(found, min(len(found), 2)):
        text = re.sub(rf"(?i)\b{full}\b", SHORTHAND[lang][full], text, count=1)
    return text


def _glue(text: str, rng: random.Random) -> str:
    spaces = [i for i, c in enumerate(text) if c == " " and 0 < i < len(text) - 1]
    if len(spaces) < 2:
        return text
    at = rng.choice(spaces)
    return text[:at] + text[at + 1 :]


def noisy(text: str, lang: str, rng: random.Random) -> str:
    """Return a hasty copy of ``text``; at least lower-cased and without its last full stop."""
    text = text.lower().rstrip(" .?!")
    if rng.random() < 0.7:
        text = without_accents(text)
    if rng.random() < 0.3:
        text = shorten(text, lang, rng)
    if rng.random() < 0.4:
        text = re.sub(r"['\u2019]", rng.choice(["", "", " "]), text)
    if rng.random() < 0.3:
        text = text.translate(str.maketrans(dict.fromkeys(string.punctuation, " ")))
        text = " ".join(text.split())
    for _ in range(rng.choices((0, 1, 2, 3), (0.35, 0.4, 0.2, 0.05))[0]):
        text = mistype(text, lang, rng)
    if rng.random() < 0.1:
        text = _glue(text, rng)
    return text + rng.choice(["", "", "", " ?", "?", "??"])
