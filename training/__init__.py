"""Builds the bundled bilingual sentence encoder: ``python -m training all``.

Not part of the bot at run time. The bot only reads what this leaves in ``bot/data/encoder``.
"""
