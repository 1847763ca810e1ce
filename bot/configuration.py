"""Where settings come from, and what is wrong with them, all at once.

What is given on the command line wins over the environment, that over secrets in files
(`DISCORD_TOKEN_FILE=/run/secrets/token`), those over the TOML file (`AIFAQ_CONFIG`, or
`./aifaq.toml` if it is there), that over the defaults. A name that nobody knows is a fault:
a misspelt setting that is silently ignored costs an evening.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo

from bot.errors import SettingsError
from bot.settings import Settings

S = TypeVar("S", bound=Settings)

PREFIX = "AIFAQ_"
CONFIG = "AIFAQ_CONFIG"
DEFAULT_CONFIG = "aifaq.toml"
FILE = "_FILE"
MASK = "********"
MAX_BYTES = 64 * 1024
INJECTED = re.compile(r"_(SERVICE_HOST|(SERVICE_)?PORT(_.+)?)$")
"""What Kubernetes puts into every container for a Service that is called aifaq-something."""


@dataclass(frozen=True, slots=True)
class Configured(Generic[S]):
    """Settings, and where each came from."""

    settings: S
    sources: Mapping[str, str]
    """By field: `default`, `command line`, `DISCORD_TOKEN`, `aifaq.toml` ..."""


@dataclass
class _Found:
    """Raw values by field, each with its source; and what is wrong."""

    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def add(self, name: str, value: Any, source: str) -> None:
        """Take a value unless a source that wins has one."""
        if name not in self.values:
            self.values[name], self.sources[name] = value, source


def configure(
    kind: type[S], environ: Mapping[str, str] | None = None, given: Mapping[str, Any] | None = None
) -> Configured[S]:
    """Settings of `kind` from all sources.

    Raises:
        SettingsError: naming every setting that is unknown, misplaced or wrong.
    """
    environ = os.environ if environ is None else environ
    told = {name.upper(): value for name, value in environ.items() if value.strip()}
    found = _Found()
    for name, value in (given or {}).items():
        found.add(name, value, "command line")
    _from_environment(kind, told, found)
    _from_files(kind, told, found)
    _from_toml(kind, told.get(CONFIG), found)
    settings = None
    # Every field is passed, so that the class does not look into the environment by itself.
    unset = {name: about.get_default() for name, about in _fields(kind).items()}
    try:
        settings = kind(**unset | found.values)
    except ValidationError as error:
        for item in error.errors(include_url=False, include_input=False, include_context=False):
            name = _field(kind, str(item["loc"][0])) if item["loc"] else ""
            source = found.sources.get(name, name)
            found.faults.append(f"{source}: {_words(item['msg'])}")
    if settings is None or found.faults:
        raise SettingsError("\n".join(found.faults))
    sources = {name: found.sources.get(name, "default") for name in _fields(kind)}
    return Configured(settings, sources)


def variable(kind: type[Settings], name: str) -> str:
    """The environment variable of a field: `DISCORD_TOKEN`, `AIFAQ_LOCALE`."""
    alias = _fields(kind)[name].validation_alias
    return alias if isinstance(alias, str) else PREFIX + name.upper()


def is_secret(kind: type[Settings], name: str) -> bool:
    """Whether a field's value must not be shown."""
    return "SecretStr" in str(_fields(kind)[name].annotation)


def shown(settings: Settings, name: str) -> str:
    """A field's value for people: a secret is masked, an unset one empty."""
    value = getattr(settings, name)
    if value is None or value == ():
        return ""
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else ""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def secrets_of(settings: Settings) -> list[str]:
    """All secret values that are set, and passwords within them: what logs must not hold."""
    values = (getattr(settings, name) for name in _fields(type(settings)))
    plain = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    inner = [match[1] for value in plain if (match := re.search(r"://[^/@]*:([^@]+)@", value))]
    return sorted({text for text in (*plain, *inner) if len(text) >= 4}, key=len, reverse=True)  # noqa: PLR2004


# The sources


def _from_environment(kind: type[Settings], told: Mapping[str, str], found: _Found) -> None:
    known = {variable(kind, name): name for name in _fields(kind)}
    files = {v + FILE for v, name in known.items() if is_secret(kind, name)}
    for name, value in told.items():
        if name in known:
            found.add(known[name], value, name)
        elif name.startswith(PREFIX) and name not in {*files, CONFIG} and not INJECTED.search(name):
            found.faults.append(_unknown(name, name, [*known, *files, CONFIG]))


def _from_files(kind: type[Settings], told: Mapping[str, str], found: _Found) -> None:
    for name in _fields(kind):
        setting = variable(kind, name)
        path = told.get(setting + FILE)
        if path is None or not is_secret(kind, name):
            continue
        if found.sources.get(name) == setting:
            found.faults.append(f"{setting} and {setting + FILE} are both set; keep one of them")
        else:
            _add_file(found, name, Path(path), setting + FILE)


def _add_file(found: _Found, name: str, path: Path, source: str) -> None:
    try:
        found.add(name, _read(path).strip(), source)
    except ValueError as error:
        found.faults.append(f"{source}: {error}")


def _from_toml(kind: type[Settings], named: str | None, found: _Found) -> None:
    path = Path(named or DEFAULT_CONFIG).expanduser()
    if named is None and not path.is_file():
        return
    try:
        data = tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError as error:
        found.faults.append(f"{path} is not TOML: {error}")
        return
    except ValueError as error:
        found.faults.append(f"{CONFIG}: {error}")
        return
    known = [*_fields(kind), *(f"{n}_file" for n in _fields(kind) if is_secret(kind, n))]
    for name, key, value in _flat(data):
        secret = name.removesuffix("_file")
        if name in _fields(kind):
            found.add(name, _beside(path, kind, name, value), f"{path.name}: {key}")
        elif name in known:
            _add_file(found, secret, path.parent / str(value), f"{path.name}: {key}")
        else:
            found.faults.append(_unknown(f"{path.name}: {key}", name, known))


def _flat(data: Mapping[str, Any], *above: str) -> Iterator[tuple[str, str, Any]]:
    """Each value with its field's name and its key: `[discord] token` is `discord_token`."""
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _flat(value, *above, key)
        else:
            yield "_".join((*above, key)).lower(), ".".join((*above, key)), value


def _beside(path: Path, kind: type[Settings], name: str, value: Any) -> Any:
    """A relative path in the file starts from the file's folder."""
    if "Path" in str(_fields(kind)[name].annotation) and isinstance(value, str):
        return path.parent / Path(value).expanduser()
    return value


def _read(path: Path) -> str:
    """A small text file.

    Raises:
        ValueError: with the reason in words.
    """
    try:
        with path.expanduser().open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ValueError(f"{path} is larger than {MAX_BYTES // 1024} KB")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8 text") from None


# Words


def _unknown(where: str, name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else "`aifaq settings` lists them all"
    return f"{where} is no setting; {hint}"


def _words(message: str) -> str:
    return message.removeprefix("Value error, ")


def _fields(kind: type[Settings]) -> dict[str, FieldInfo]:
    return kind.model_fields


def _field(kind: type[Settings], location: str) -> str:
    """The field that pydantic names by its alias."""
    by_variable = {variable(kind, name): name for name in _fields(kind)}
    return by_variable.get(location, location)
