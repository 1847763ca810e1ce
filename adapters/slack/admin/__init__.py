"""Where moderators work on Slack: a section of App Home, and one modal that it opens."""

from __future__ import annotations

from slack_bolt.async_app import AsyncApp

from adapters.slack.admin.alarm import Alarm
from adapters.slack.admin.clicks import Clicks
from adapters.slack.admin.desk import AdminDesk
from adapters.slack.admin.page import Window
from adapters.slack.admin.panel import Panel
from adapters.slack.admin.submits import Submits
from adapters.slack.admin.who import Moderators
from adapters.slack.delivery import Delivery
from adapters.slack.desk import Desk
from adapters.slack.home import Home


class Admin:
    """The moderators' part of one desk."""

    def __init__(self, desk: Desk, delivery: Delivery, home: Home) -> None:
        moderators = Moderators(desk)
        admin = AdminDesk(desk, Window(desk, delivery), moderators, home)
        self.clicks, self.submits = Clicks(admin), Submits(admin)
        Alarm(desk, delivery).start()
        home.add(Panel(moderators).section, first=True)

    def register(self, bolt: AsyncApp) -> None:
        """Controls and forms; the facade checks at each who may."""
        self.clicks.register(bolt)
        self.submits.register(bolt)
