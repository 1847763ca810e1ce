"""What holds for all tests: nothing is written outside their own folders."""

from __future__ import annotations

import os

# Tests of the store name their own database; all others remember in memory.
os.environ["AIFAQ_DATABASE_URL"] = "none"
