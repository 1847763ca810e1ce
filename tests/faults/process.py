"""The bot as operators run it: `aifaq run …` in a process of its own, with nothing borrowed.

    async with Bot("slack", slack=server, data=tmp_path) as bot:
        ...
        await bot.end()                    # SIGTERM; the exit code and how long it took

Its log is in `bot.log`, its figures behind `bot.metrics()`.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Self

import aiohttp

from tests.servers.discord import DiscordServer
from tests.servers.slack import SlackServer

REPOSITORY = Path(__file__).parent.parent.parent
CACHE = tempfile.TemporaryDirectory(prefix="aifaq-cache-")
"""What the processes keep between starts: the first one builds it, the others begin at once."""
FIGURE = re.compile(r"^(\w+)(\{[^}]*\})? ([-+.\w]+)$", re.MULTILINE)


class Bot:
    """One process; `settings` are environment variables."""

    def __init__(
        self,
        platform: str,
        *,
        data: Path,
        discord: DiscordServer | None = None,
        slack: SlackServer | None = None,
        wait: bool = True,
        disk_megabytes: int = 0,
        **settings: str,
    ) -> None:
        self.platform, self._wait = platform, wait
        self._command = [sys.executable, "-m", "adapters", "run", platform]
        if disk_megabytes:  # its data folder becomes a small disk that only it can see
            mount = f'mount -t tmpfs -o size={disk_megabytes}m tmpfs "$0"; exec "$@"'
            self._command = ["unshare", "--mount", "sh", "-ec", mount, str(data), *self._command]
        self._port = free_port()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process
        self._process: asyncio.subprocess.Process | None = None
        self.started = 0.0
        """Seconds from the start of the process until it was ready."""
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(data),
            "AIFAQ_DATA_DIR": str(data),
            "AIFAQ_CACHE_DIR": CACHE.name,
            "AIFAQ_HTTP": f"127.0.0.1:{self._port}",
            "AIFAQ_ENCODER": "none",
            "AIFAQ_RELOAD_SECONDS": "0.2",
        }
        if discord is not None:
            self.env |= {
                "DISCORD_TOKEN": discord.token,
                "DISCORD_API_BASE": discord.api_base,
                "DISCORD_GATEWAY_URL": discord.gateway_url,
            }
        if slack is not None:
            self.env |= {
                "SLACK_BOT_TOKEN": slack.bot_token,
                "SLACK_APP_TOKEN": slack.app_token,
                "SLACK_SIGNING_SECRET": slack.signing_secret,
                "SLACK_API_BASE_URL": slack.api_base_url,
            }
        self.env |= settings

    # Life

    async def start(self) -> None:
        """Start the process, and unless told otherwise wait until it is ready."""
        began = time.monotonic()
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=REPOSITORY, env=self.env, stdin=asyncio.subprocess.DEVNULL,
            stdout=self._log, stderr=self._log,
        )
        if self._wait:
            await self.until_ready()
            self.started = time.monotonic() - began

    async def until_ready(self, *, ready: bool = True, seconds: float = 60) -> None:
        """Wait until `/readyz` says so (or no longer does)."""
        wanted = 200 if ready else 503
        deadline = time.monotonic() + seconds
        while (await self.get("readyz"))[0] != wanted:
            assert self._process is not None
            assert self._process.returncode is None, f"it ended:\n{self.log}"
            assert time.monotonic() < deadline, f"not in {seconds} s:\n{self.log}"
            await asyncio.sleep(0.02)

    def send(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    async def ended(self, seconds: float = 15) -> int:
        """The exit code, when it has ended by itself."""
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), seconds)

    async def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Stop it; the exit code and the seconds it took."""
        began = time.monotonic()
        self.send(number)
        return await self.ended(), time.monotonic() - began

    async def kill(self) -> None:
        """End it without a chance to do anything."""
        self.send(signal.SIGKILL)
        await self.ended()

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self._log.close()

    # What it tells

    @property
    def url(self) -> str:
        """Of health and metrics."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def log(self) -> str:
        """Everything it wrote so far."""
        return os.pread(self._log.fileno(), 10**7, 0).decode()

    def seen_from_inside(self, path: Path) -> Path:
        """A path as the process sees it, where it has mounts of its own."""
        assert self._process is not None
        return Path(f"/proc/{self._process.pid}/root") / path.relative_to("/")

    @property
    def memory(self) -> int:
        """Resident bytes."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024  # type: ignore[index]

    @property
    def cpu(self) -> float:
        """Seconds of processor time used so far."""
        assert self._process is not None
        words = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    async def get(self, page: str) -> tuple[int, Any]:
        """A page: its status (0 while nobody listens), and its JSON or text."""
        try:
            async with aiohttp.ClientSession() as session, session.get(
                f"{self.url}/{page}", timeout=aiohttp.ClientTimeout(5)
            ) as response:
                text = await response.text()
                return response.status, json.loads(text) if text.startswith("{") else text
        except (aiohttp.ClientError, OSError):
            return 0, None

    async def metrics(self) -> dict[str, float]:
        """All figures, by name with labels."""
        return {
            name + (labels or ""): float(value)
            for name, labels, value in FIGURE.findall((await self.get("metrics"))[1])
        }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
