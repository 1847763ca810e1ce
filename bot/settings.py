"""Settings: everything that an operator can set.

`Settings()` reads the environment. Commands use `Settings.load()`, which also reads secrets from
files (`…_FILE`) and an optional TOML file, and refuses what nobody knows (see `bot.configuration`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.knowledge import BUNDLED

Appetite = Literal["cautious", "balanced", "eager"]
Texts = Literal["misses", "all", "none"]


class Settings(BaseSettings):
    """Everything an operator can set. Each field's description is shown by `aifaq settings`."""

    # An empty variable, as compose files pass, is an unset one.
    model_config = SettingsConfigDict(
        env_prefix="AIFAQ_", extra="ignore", frozen=True, env_ignore_empty=True,
        populate_by_name=True, hide_input_in_errors=True,
    )

    # The answers
    knowledge: Path = Field(BUNDLED, description="Folder of the knowledge base.")
    locale: str = Field("en", description="Language when neither question nor person tells one.")
    answering: Appetite = Field(
        "balanced",
        description="How readily it answers: cautious, balanced or eager.",
    )
    encoder: str = Field(
        "bundled",
        description="Sentence encoder: bundled, none, a folder, or a model's name.",
    )
    cache_dir: Path | None = Field(
        None,
        description="Folder for what is kept between starts; the user's cache folder when empty. "
        "It may be deleted at any time.",
    )
    reload_seconds: float = Field(
        2.0, ge=0, description="How often the knowledge folder is looked at; 0 turns it off."
    )
    knowledge_git: Literal["off", "commit"] = Field(
        "off", description="commit: each change made in chat becomes a commit by its moderator."
    )

    # The store
    database_url: SecretStr | None = Field(
        None,
        description="postgresql://… to share one store; none for memory only; "
        "empty for SQLite in the data folder.",
    )
    data_dir: Path | None = Field(
        None, description="Folder of SQLite and of the key; the user's data folder when empty."
    )
    secret_key: SecretStr | None = Field(
        None,
        description="Key that people's ids are hashed with, the same for all replicas; "
        "kept in the data folder when empty.",
    )
    retention_days: int = Field(
        90, ge=1, description="Days after which questions, thumbs and sent answers are erased."
    )
    keep_texts: Texts = Field(
        "misses",
        description="Texts of questions that are kept: misses (and near misses), all or none.",
    )

    # Running it
    http: str | None = Field(
        None,
        description="host:port for /healthz, /readyz and /metrics, such as 127.0.0.1:8080; "
        "off when empty.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severity that is logged; questions' texts only at debug."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="Logs for people (text), or one JSON object a line (json)."
    )

    # Discord
    discord_token: SecretStr | None = Field(
        None, validation_alias="DISCORD_TOKEN", description="The Discord bot's token."
    )
    discord_api_base: str | None = Field(
        None, validation_alias="DISCORD_API_BASE", description="Another address of Discord's REST API."
    )
    discord_gateway_url: str | None = Field(
        None, validation_alias="DISCORD_GATEWAY_URL", description="Another address of Discord's gateway."
    )
    discord_auto_channels: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Discord channel ids that are answered without a mention."
    )
    discord_moderator_roles: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Discord role ids that may moderate, besides Manage Messages."
    )
    discord_moderator_channel: str | None = Field(
        None, description="Discord channel id where moderators are told of broken files; optional."
    )
    discord_shards: str | None = Field(
        None, description="Shards run by this process, such as 0,1/4; automatic when empty."
    )

    # Slack
    slack_bot_token: SecretStr | None = Field(
        None, validation_alias="SLACK_BOT_TOKEN", description="Slack bot token (xoxb-…)."
    )
    slack_app_token: SecretStr | None = Field(
        None, validation_alias="SLACK_APP_TOKEN", description="Slack app token (xapp-…), Socket Mode."
    )
    slack_signing_secret: SecretStr | None = Field(
        None, validation_alias="SLACK_SIGNING_SECRET", description="Slack signing secret, HTTP mode."
    )
    slack_api_base_url: str | None = Field(
        None, validation_alias="SLACK_API_BASE_URL", description="Another address of Slack's Web API."
    )
    slack_http: str | None = Field(
        None, description="host:port for Slack's HTTP mode; Socket Mode when empty."
    )
    slack_moderator_channel: str | None = Field(
        None, description="Slack channel id that is told when the knowledge files break."
    )
    slack_moderators: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Slack user ids or user groups that may moderate; workspace admins by default."
    )

    @field_validator(
        "discord_auto_channels", "discord_moderator_roles", "slack_moderators", mode="before"
    )
    @classmethod
    def _split_list(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("http")
    @classmethod
    def _check_address(cls, value: str | None) -> str | None:
        if value is not None:
            parse_address(value)
        return value

    @classmethod
    def load(cls, *, environ: Mapping[str, str] | None = None, **given: Any) -> Self:
        """Settings from what is given, the environment, `…_FILE` secrets and the TOML file.

        Args:
            environ: instead of the process's own.
            given: fields by name, as from the command line; they win.

        Raises:
            SettingsError: naming every setting that is unknown, misplaced or wrong.
        """
        from bot.configuration import configure

        return configure(cls, environ, given).settings


def parse_address(text: str) -> tuple[str, int]:
    """`host:port`; a port alone listens on this machine only, and port 0 on any free one.

    Raises:
        ValueError: if it is something else.
    """
    host, _, port = text.strip().rpartition(":")
    if not (port.isascii() and port.isdigit() and int(port) <= 65535):  # noqa: PLR2004
        raise ValueError(f"it is {text!r} and must be host:port, such as 127.0.0.1:8080")
    return host.strip("[]") or "127.0.0.1", int(port)
