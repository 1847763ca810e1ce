"""Moderation in Discord: `/faq-admin`, its buttons and forms, and word of broken files.

What may be done and how is said comes from `bot.moderation`; here it gets its place in Discord.
"""
