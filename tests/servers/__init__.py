"""Stand-ins for the platforms: real protocols on 127.0.0.1, for tests and for trying things out."""
