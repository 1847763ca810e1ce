"""Who may moderate is decided by the core from what the platform says at that moment."""

import pytest

from bot.errors import PermissionDenied
from bot.permissions import (
    discord_moderator,
    require,
    slack_moderator,
    terminal_moderator,
)
from bot.settings import Settings

SETTINGS = Settings(discord_moderator_roles=("7",), slack_moderators=("U1", "S9"))


@pytest.mark.parametrize(("roles", "manage", "allowed"), [
    ((), True, True), (("7", "8"), False, True), (("8",), False, False), ((), False, False),
])
def test_discord_asks_for_manage_messages_or_a_role(roles, manage, allowed):
    one = discord_moderator(SETTINGS, person="1", name="x", roles=roles, manage_messages=manage)
    assert one.allowed is allowed


@pytest.mark.parametrize(("person", "groups", "admin", "allowed"), [
    ("U1", (), False, True), ("U2", ("S9",), False, True), ("U2", (), True, False),
])
def test_slack_asks_for_the_people_and_groups_that_the_setting_names(
    person, groups, admin, allowed
):
    one = slack_moderator(SETTINGS, person=person, name="x", groups=groups, admin=admin)
    assert one.allowed is allowed


@pytest.mark.parametrize("admin", [True, False])
def test_slack_asks_for_an_admin_where_the_setting_is_empty(admin):
    one = slack_moderator(Settings(), person="U1", name="x", groups=(), admin=admin)
    assert one.allowed is admin


def test_only_moderators_pass():
    require(terminal_moderator())
    visitor = discord_moderator(Settings(), person="1", name="x", roles=(), manage_messages=False)
    with pytest.raises(PermissionDenied):
        require(visitor)
