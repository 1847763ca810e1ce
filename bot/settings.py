"""Settings from the environment, `…_FILE` secrets and an optional TOML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.knowledge import BUNDLED

Appetite = Literal["cautious", "balanced", "eager"]
Texts = Literal["misses", "all", "none"]


class Settings(BaseSettings):
    """Everything an operator can set. Each field's description is shown by `aifaq settings`."""

    # An empty variable, as compose files pass, is an unset one.
    model_config = SettingsConfigDict(
        env_prefix="AIFAQ_", extra="ignore", frozen=True, env_ignore_empty=True
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
    reload_seconds: float = Field(
        2.0, ge=0, description="How often the knowledge folder is looked at; 0 turns it off."
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
