"""What is said in a chat: from a message as it was typed to a Reply, and help while one types."""
