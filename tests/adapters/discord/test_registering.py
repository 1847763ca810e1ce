"""Registering commands, the doctor, and the invitation."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.discord import doctor, invite_url
from bot.checks import Check
from bot.errors import SettingsError
from bot.settings import Settings
from tests.adapters.discord.conftest import Secret, StartBot
from tests.dialogs import KNOWLEDGE
from tests.servers.discord import Channel, DiscordServer, Guild
from tests.servers.discord.world import EMBED_LINKS


async def test_commands_are_written_once(server: DiscordServer, start_bot: StartBot) -> None:
    """A second start of the same version writes nothing."""
    await (await start_bot()).end()
    assert server.commands.writes == 1
    await start_bot()
    await server.gateway.ready.wait(lambda _: True, count=2)
    assert server.commands.writes == 1


async def test_a_changed_text_is_written(server: DiscordServer, start_bot: StartBot) -> None:
    """Also if only a localisation differs."""
    await (await start_bot()).end()
    server.commands.scopes[None][0]["description_localizations"]["fr"] = "Ancienne description"
    await start_bot()
    await server.gateway.ready.wait(lambda _: True, count=2)
    assert server.commands.writes == 2


async def test_descriptions_are_localised(server: DiscordServer, start_bot: StartBot) -> None:
    """In French and both Englishes; the menu's name too."""
    await start_bot()
    faq = server.commands.find("faq", 1, None)
    menu = server.commands.find("Answer from the FAQ", 3, None)
    for texts in (
        faq["description_localizations"],
        faq["options"][0]["description_localizations"],
        menu["name_localizations"],
    ):
        assert set(texts) == {"fr", "en-US", "en-GB"}
        assert texts["fr"] != texts["en-US"]
    assert faq["options"][0]["autocomplete"] is True


async def test_commands_are_for_guilds_dms_and_user_installs(
    server: DiscordServer, start_bot: StartBot
) -> None:
    """Every command can be used wherever a person brings the app, but for the moderators'."""
    await start_bot()
    for command in server.commands.scopes[None]:
        if command["name"] == "faq-admin":
            continue
        assert sorted(command["contexts"]) == [0, 1, 2]
        assert sorted(command["integration_types"]) == [0, 1]


async def test_a_test_guild_gets_its_own_commands(
    server: DiscordServer, guild: Guild, start_bot: StartBot
) -> None:
    """`--guild ID` leaves the global commands alone."""
    await start_bot(guild_id=int(guild.id))
    assert {c["name"] for c in server.commands.scopes[guild.id]} >= {"faq", "faq-topics"}
    assert None not in server.commands.scopes


# --- the doctor -----------------------------------------------------------------------------


def settings_for(server: DiscordServer, **changes: Any) -> Settings:
    known = Settings(encoder="none").model_dump() | {
        "knowledge": KNOWLEDGE["small"],
        "discord_token": Secret(server.token),
        "discord_api_base": server.api_base,
    }
    return Settings.model_construct(**known | changes)


def by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


async def test_a_healthy_bot_passes_every_check(
    server: DiscordServer, guild: Guild, start_bot: StartBot
) -> None:
    """After a start, all is in order."""
    await start_bot()
    checks = await doctor(settings_for(server))
    assert [check for check in checks if check.ok is not True] == []
    assert {"token", "gateway", "message content", "commands", "servers"} <= set(by_name(checks))


async def test_the_doctor_names_what_is_wrong(
    server: DiscordServer, guild: Guild, channel: Channel
) -> None:
    """Missing intent, missing permission, unknown channel, commands not written."""
    guild.roles[guild.bot_role]["permissions"] = str(guild.bot_permissions & ~EMBED_LINKS)
    settings = settings_for(server, discord_auto_channels=(channel.id, "123", "general"))
    checks = by_name(await doctor(settings))
    assert checks["message content"].ok is False
    assert "embed links" in checks["permissions"].message
    assert checks["commands"].ok is None
    assert checks[f"channel {channel.id}"].ok is True
    assert checks["channel 123"].ok is False
    assert "numbers only" in checks["channel general"].message


async def test_the_doctor_of_a_bot_in_no_server_gives_the_invitation(
    server: DiscordServer,
) -> None:
    """The first thing that a new bot lacks."""
    checks = by_name(await doctor(settings_for(server)))
    assert f"client_id={server.app_id}" in checks["servers"].message


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        ({"discord_token": None}, "settings", "Reset Token"),
        ({"discord_token": Secret("wrong")}, "token", "does not accept"),
        ({"discord_api_base": "http://127.0.0.1:9/api/v10"}, "token", "cannot be reached"),
    ],
)
async def test_the_doctor_stops_at_a_token_that_does_not_work(
    changes: dict[str, Any], name: str, words: str, server: DiscordServer
) -> None:
    """One check, which says what to do."""
    checks = await doctor(settings_for(server, **changes))
    assert [check.name for check in checks] == [name]
    assert checks[0].ok is False
    assert words in checks[0].message


# --- the invitation -------------------------------------------------------------------------


async def test_the_invitation_asks_for_the_least(server: DiscordServer) -> None:
    """View, send, send in threads, embed, attach, read history; nothing else."""
    url = await invite_url(settings_for(server))
    wanted = (1 << 10) | (1 << 11) | (1 << 14) | (1 << 15) | (1 << 16) | (1 << 38)
    assert f"permissions={wanted}" in url
    assert f"client_id={server.app_id}" in url
    assert "scope=bot+applications.commands" in url


async def test_an_ordinary_token_tells_the_application_by_itself() -> None:
    """No request is needed: a token begins with the application's id."""
    token = Secret("MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.secret")
    made = Settings.model_construct(**Settings().model_dump() | {"discord_token": token})
    assert "client_id=123456789012345678" in await invite_url(made)


async def test_an_invitation_without_a_token_says_where_to_get_one() -> None:
    """Like every command that needs it."""
    made = Settings.model_construct(**Settings().model_dump() | {"discord_token": None})
    with pytest.raises(SettingsError, match="DISCORD_TOKEN is not set"):
        await invite_url(made)
