"""Question in, candidates out: signals over an index, fused and calibrated."""

from bot.matching.matcher import Matcher, Ranking

__all__ = ["Matcher", "Ranking"]
