"""Hosts for the bot: terminal, Discord, Slack. Each translates; the core decides."""
