"""Pictures that are posted in a chat or written to a file; drawn by matplotlib, an extra."""
