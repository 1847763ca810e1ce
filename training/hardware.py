"""Where the training computes, and how precisely: what the machine at hand is fast at."""

from __future__ import annotations

import torch


def device() -> str:
    """Return the device that torch computes on: a GPU where it finds one."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def fast_precision(kind: str) -> torch.autocast:
    """Return a context for products in bf16, or in 32 bits on a processor without bf16.

    Such a processor computes bf16 as well, four times slower than 32 bits.

    Args:
        kind: ``cuda`` or ``cpu``.
    """
    return torch.autocast(kind, torch.bfloat16, enabled=kind != "cpu" or _has_bf16())


def _has_bf16() -> bool:
    able = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16") or able.get("bf16"))
