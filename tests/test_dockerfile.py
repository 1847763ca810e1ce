"""The container: what its Dockerfile promises, and a run of its steps where that is possible."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest
import yaml

from bot.configuration import variable
from bot.settings import Settings

REPOSITORY = Path(__file__).parent.parent
NO_OVERLAY = 77
HADOLINT = shutil.which("hadolint") or shutil.which("hadolint", path=Path(sys.executable).parent)


def steps() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, as the script reads them."""
    path = str(REPOSITORY / "scripts" / "dockerfile-steps")
    loader = SourceFileLoader("dockerfile_steps", path)
    spec = spec_from_loader("dockerfile_steps", loader)
    assert spec is not None
    module = module_from_spec(spec)
    sys.modules["dockerfile_steps"] = module
    try:
        loader.exec_module(module)
        found: list[tuple[str, str]] = module.instructions((REPOSITORY / "Dockerfile").read_text())
    finally:
        del sys.modules["dockerfile_steps"]
    return found


def last(word: str) -> str:
    return [rest for name, rest in steps() if name == word][-1]


def test_the_image_runs_as_nobody_special() -> None:
    """A user without rights, by number, so that Kubernetes can check it."""
    uid, _, gid = last("USER").partition(":")
    assert int(uid) > 1000
    assert int(gid) > 1000


def test_the_image_tells_how_it_is() -> None:
    """A health check that needs no shell, the stop signal that `aifaq run` finishes on."""
    health = json.loads(last("HEALTHCHECK").partition("CMD ")[2])
    port = re.search(r"AIFAQ_HTTP=\S+:(\d+)", last("ENV"))
    assert port is not None
    assert f"http://127.0.0.1:{port[1]}/healthz" in " ".join(health)
    assert last("STOPSIGNAL") == "SIGTERM"
    assert json.loads(last("ENTRYPOINT")) == ["aifaq"]
    assert json.loads(last("CMD")) == ["run", "all"]


def test_only_the_data_volume_is_written_to() -> None:
    """Records go to the volume, caches of libraries to /tmp."""
    assert last("VOLUME") == "/data"
    assert "AIFAQ_DATA_DIR=/data" in last("ENV")
    assert "MPLCONFIGDIR=/tmp/" in last("ENV")


def test_nothing_but_what_is_copied_reaches_the_engine() -> None:
    """.dockerignore lets in what COPY names, and neither secrets nor history."""
    rules = [line for line in (REPOSITORY / ".dockerignore").read_text().splitlines()
             if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    copied = {name.rstrip("/") for word, rest in steps() if word == "COPY" and "--from" not in rest
              for name in rest.split()[:-1]}
    assert copied == let_in
    for name in copied:
        assert (REPOSITORY / name).exists(), name
    assert any(fnmatch.fnmatch("bot/.env", rule.replace("**/", "*")) for rule in rules[1:])


@pytest.mark.parametrize(
    "path", ["compose.yaml", "deploy/kubernetes/slack.yaml", "deploy/kubernetes/discord.yaml"]
)
def test_the_settings_in_the_examples_exist(path: str) -> None:
    """Whoever copies an example is not refused."""
    text = (REPOSITORY / path).read_text()
    list(yaml.safe_load_all(text))
    named = set(re.findall(r"\b(?:AIFAQ|DISCORD|SLACK)_[A-Z_]+\b", text))
    known = {variable(Settings, name) for name in Settings.model_fields}
    assert named
    assert {name.removesuffix("_FILE") for name in named} <= known


def test_containers_may_do_nothing_they_need_not() -> None:
    """Read-only, no capabilities, no service account, in every example."""
    compose = yaml.safe_load((REPOSITORY / "compose.yaml").read_text())["services"]["aifaq"]
    assert compose["read_only"] is True
    assert compose["cap_drop"] == ["ALL"]
    for name in ("slack", "discord"):
        text = (REPOSITORY / "deploy" / "kubernetes" / f"{name}.yaml").read_text()
        pod = next(yaml.safe_load_all(text))["spec"]["template"]["spec"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        (container,) = pod["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        grace = pod["terminationGracePeriodSeconds"]
        assert grace > 10, "the bot takes up to ten seconds to end in order"


def test_each_discord_pod_runs_its_own_shard() -> None:
    """The number of shards in the setting is the number of replicas."""
    text = (REPOSITORY / "deploy" / "kubernetes" / "discord.yaml").read_text()
    spec = next(yaml.safe_load_all(text))["spec"]
    env = {one["name"]: one.get("value") for one in
           spec["template"]["spec"]["containers"][0]["env"]}
    assert env["AIFAQ_DISCORD_SHARDS"] == f"$(POD_INDEX)/{spec['replicas']}"


@pytest.mark.skipif(
    "AIFAQ_TEST_IMAGE" not in os.environ,
    reason="takes a minute: set AIFAQ_TEST_IMAGE=quick, or =full to download the dependencies",
)
def test_the_steps_make_an_image_that_runs() -> None:
    """Built in a clean layer; read-only, as its user: answers, is healthy, ends in order."""
    script = [sys.executable, str(REPOSITORY / "scripts" / "dockerfile-steps")]
    quick = ["--quick"] if os.environ["AIFAQ_TEST_IMAGE"] == "quick" else []
    done = subprocess.run([*script, *quick], check=False, capture_output=True, text=True)
    if done.returncode == NO_OVERLAY:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == (
        "the image answers, is healthy, and stops in order"
    )


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed")
def test_the_dockerfile_pleases_its_linter() -> None:
    """scripts/dockerfile-lint installs it where it is missing; here only what is there is used."""
    done = subprocess.run(
        [str(HADOLINT), "--failure-threshold", "style", REPOSITORY / "Dockerfile"],
        check=False, capture_output=True, text=True,
    )
    assert done.returncode == 0, done.stdout
