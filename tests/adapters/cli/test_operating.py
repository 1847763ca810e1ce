"""settings and doctor, as an operator calls them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from bot import doctor
from bot.configuration import variable
from bot.settings import Settings
from tests.faults.process import free_port
from tests.servers.discord import DiscordServer
from tests.servers.slack import SlackServer

REPOSITORY = Path(__file__).parent.parent.parent.parent


async def aifaq(folder: Path, *arguments: str, **settings: str) -> tuple[int, str, str]:
    """Exit code, output and errors of a process that has nothing but these settings."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(REPOSITORY)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "adapters", *arguments, cwd=folder, env=env | settings,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, output.decode(), errors.decode()


async def test_settings_lists_all_with_value_source_and_meaning(tmp_path: Path) -> None:
    """Every field, secrets masked, whatever the source."""
    (tmp_path / "aifaq.toml").write_text('locale = "fr"\n')
    told = {"DISCORD_TOKEN": "top-secret-token", "AIFAQ_RETENTION_DAYS": "7"}
    code, output, _ = await aifaq(tmp_path, "settings", "--json", **told)
    rows = {row["name"]: row for row in json.loads(output)}
    assert code == 0
    assert set(rows) == {variable(Settings, name) for name in Settings.model_fields}
    assert all(row["meaning"] for row in rows.values())
    assert "top-secret" not in output
    assert rows["DISCORD_TOKEN"]["secret"] is True
    assert rows["DISCORD_TOKEN"]["value"] == "********"
    assert (rows["AIFAQ_LOCALE"]["value"], rows["AIFAQ_LOCALE"]["source"]) == (
        "fr", "aifaq.toml: locale")
    assert rows["AIFAQ_RETENTION_DAYS"]["source"] == "AIFAQ_RETENTION_DAYS"

    code, output, _ = await aifaq(tmp_path, "settings", **told)
    assert "AIFAQ_RETENTION_DAYS = 7  (AIFAQ_RETENTION_DAYS)\n    Days after" in output
    assert "top-secret" not in output


@pytest.mark.parametrize("command", ["settings", "doctor", "ask"])
async def test_an_unknown_setting_stops_every_command(tmp_path: Path, command: str) -> None:
    """With the nearest known one, in one sentence, and exit code 1."""
    arguments = [command, *(["hello"] if command == "ask" else [])]
    code, output, errors = await aifaq(tmp_path, *arguments, AIFAQ_ANSWERS="eager")
    assert code == 1
    assert output == ""
    assert errors == "aifaq: AIFAQ_ANSWERS is no setting; did you mean AIFAQ_ANSWERING?\n"


async def test_doctor_finds_everything_in_order(tmp_path: Path) -> None:
    """Knowledge, encoder, store, disk, clock and both platforms, one line each."""
    async with SlackServer() as slack, DiscordServer() as discord:
        discord.add_guild("Lab")
        code, output, errors = await aifaq(
            tmp_path, "doctor", AIFAQ_ENCODER="none", AIFAQ_DATA_DIR=str(tmp_path / "data"),
            DISCORD_TOKEN=discord.token, DISCORD_API_BASE=discord.api_base,
            DISCORD_GATEWAY_URL=discord.gateway_url, SLACK_BOT_TOKEN=slack.bot_token,
            SLACK_APP_TOKEN=slack.app_token, SLACK_API_BASE_URL=slack.api_base_url,
        )
    assert code == 0, output + errors
    names = [line[6:].partition(":")[0] for line in output.splitlines()]
    for name in ("settings", "knowledge", "encoder", "store", "disk", "clock", "discord, token",
                 "slack, bot token"):
        assert name in names, output
    assert "FAIL" not in output
    assert slack.bot_token not in output
    assert discord.token not in output


async def test_doctor_names_what_must_be_mended(tmp_path: Path) -> None:
    """A broken knowledge file, a store that is away, a refused token: each in plain words."""
    entry = tmp_path / "knowledge" / "budget" / "one.yaml"
    entry.parent.mkdir(parents=True)
    entry.write_text("id: two\n")
    async with SlackServer() as slack:
        slack.revoked.add(slack.bot_token)
        code, output, _ = await aifaq(
            tmp_path, "doctor", AIFAQ_KNOWLEDGE="knowledge", AIFAQ_ENCODER="none",
            AIFAQ_DATABASE_URL=f"postgresql://aifaq:pa55word@127.0.0.1:{free_port()}/aifaq",
            AIFAQ_SECRET_KEY="a key that is long enough", SLACK_BOT_TOKEN=slack.bot_token,
            SLACK_APP_TOKEN=slack.app_token, SLACK_API_BASE_URL=slack.api_base_url,
        )
    assert code == 1
    assert "FAIL  knowledge: " in output
    assert "budget/one.yaml:" in output
    assert "FAIL  store: The store (PostgreSQL 127.0.0.1:" in output
    assert "FAIL  slack, bot token: " in output
    assert "note  discord: Not set up: no token." in output
    assert "pa55word" not in output


async def test_the_clock_is_compared_with_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Right, off, and not to be told."""
    async with DiscordServer() as discord:
        check = await asyncio.to_thread(doctor.clock, discord.api_base)
        assert check.ok is True
        monkeypatch.setattr(doctor, "CLOCK_SECONDS", -1)
        check = await asyncio.to_thread(doctor.clock, discord.api_base)
        assert check.ok is False
        assert "set it by NTP" in check.message
    check = await asyncio.to_thread(doctor.clock, f"http://127.0.0.1:{free_port()}/")
    assert check.ok is None
