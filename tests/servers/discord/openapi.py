"""Checks request bodies against Discord's own OpenAPI document, where it is at hand.

`AIFAQ_DISCORD_OPENAPI` names the file (https://github.com/discord/discord-api-spec); without it
nothing is checked here.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

VARIABLE = "AIFAQ_DISCORD_OPENAPI"
SMALLEST_ID = 1 << 54
"""No other number in a request is as large as an id."""


def breaches(method: str, route: str, body: Any) -> list[str]:
    """What in `body` the document does not allow for `method` on `route` (a path template)."""
    validator = _validator(os.environ.get(VARIABLE, ""), method.lower(), _nameless(route))
    if validator is None or body is None:
        return []
    from jsonschema.exceptions import best_match

    errors = list(validator.iter_errors(_ids_as_text(body)))
    worst = best_match(errors)
    if worst is None:
        return []
    return [f"OpenAPI, {method} {route}: {worst.json_path}: {worst.message[:500]}"]


def _ids_as_text(node: Any) -> Any:
    """Discord takes ids as numbers too; the document knows them as text only."""
    if isinstance(node, list):
        return [_ids_as_text(item) for item in node]
    if isinstance(node, dict):
        texts = {key: _ids_as_text(value) for key, value in node.items()}
        return texts | ({"id": str(node["id"])} if {"id", "filename"} <= set(node) else {})
    is_id = isinstance(node, int) and not isinstance(node, bool) and node > SMALLEST_ID
    return str(node) if is_id else node


def _nameless(route: str) -> str:
    parts = route.split("/")
    return "/".join("{}" if part.startswith("{") else part for part in parts)


@cache
def _document(file: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(file).read_text(encoding="utf-8"))
    return document


@cache
def _validator(file: str, method: str, route: str) -> Any:
    if not file:
        return None
    from jsonschema import Draft202012Validator
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    document = _document(file)
    matching = [path for path in document["paths"] if _nameless(path) == route]
    if not matching:
        return None
    operation = document["paths"][matching[0]].get(method, {})
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if schema is None:
        return None
    registry = Registry().with_resource("urn:discord", DRAFT202012.create_resource(document))
    return Draft202012Validator(_absolute(schema["schema"]), registry=registry)


def _absolute(node: Any) -> Any:
    """The schema with its references pointing into the document."""
    if isinstance(node, list):
        return [_absolute(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: f"urn:discord{value}" if key == "$ref" else _absolute(value)
        for key, value in node.items()
    }
