"""Harnesses for coverage-guided fuzzing; `python -m tests.fuzz TARGET` where atheris runs."""
