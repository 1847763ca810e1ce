"""Changes of the knowledge files: worked out, tried beside what is in service, then written."""
