"""Where moderators work on Slack: a section of App Home, and one modal that it opens."""
