"""Settings: every source, the order among them, and every mistake named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot import configuration
from bot.configuration import configure, is_secret, shown, variable
from bot.errors import SettingsError
from bot.settings import Settings, parse_address


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without an aifaq.toml, unless the test writes one."""
    monkeypatch.chdir(tmp_path)


def faults_of(**environ: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        configure(Settings, environ)
    return str(caught.value).splitlines()


def test_without_anything_the_defaults_hold() -> None:
    """Nothing set: every source is the default, whatever the process's own environment."""
    found = configure(Settings, {})
    assert set(found.sources.values()) == {"default"}
    assert found.settings.locale == "en"
    assert found.settings.http is None


def test_each_source_wins_over_the_next(tmp_path: Path) -> None:
    """Command line, environment, secret file, TOML file, default: in this order."""
    (tmp_path / "token").write_text("from-file\n")
    (tmp_path / "aifaq.toml").write_text(
        'locale = "fr"\nanswering = "eager"\nretention_days = 7\n[discord]\ntoken = "from-toml"\n'
    )
    environ = {"AIFAQ_LOCALE": "en", "AIFAQ_RETENTION_DAYS": "8", "DISCORD_TOKEN_FILE": "token"}
    found = configure(Settings, environ, {"retention_days": 9})

    assert found.settings.retention_days == 9
    assert found.settings.locale == "en"
    assert found.settings.discord_token is not None
    assert found.settings.discord_token.get_secret_value() == "from-file"
    assert found.settings.answering == "eager"
    sources = {name: source for name, source in found.sources.items() if source != "default"}
    assert sources == {
        "retention_days": "command line",
        "locale": "AIFAQ_LOCALE",
        "discord_token": "DISCORD_TOKEN_FILE",
        "answering": "aifaq.toml: answering",
    }


def test_an_empty_variable_is_an_unset_one() -> None:
    """Compose files pass `AIFAQ_HTTP=` for what is not set."""
    found = configure(Settings, {"AIFAQ_HTTP": "", "AIFAQ_LOCALE": " ", "DISCORD_TOKEN_FILE": ""})
    assert found.settings.http is None
    assert found.settings.locale == "en"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("AIFAQ_LOCAL", "AIFAQ_LOCALE"),
        ("AIFAQ_DISCORD_TOKEN", "DISCORD_TOKEN"),
        ("AIFAQ_DATABASE", "AIFAQ_DATABASE_URL"),
        ("AIFAQ_SLACK_MODERATOR", "AIFAQ_SLACK_MODERATORS"),
        ("AIFAQ_CONFG", "AIFAQ_CONFIG"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(name: str, nearest: str) -> None:
    """A misspelt setting stops the start and names what was meant."""
    assert faults_of(**{name: "x"}) == [f"{name} is no setting; did you mean {nearest}?"]


def test_what_kubernetes_adds_is_no_mistake() -> None:
    """Service links of a Service called aifaq are not taken for settings."""
    environ = {
        "AIFAQ_SERVICE_HOST": "10.0.0.1",
        "AIFAQ_SERVICE_PORT_HTTP": "80",
        "AIFAQ_SLACK_PORT": "tcp://10.0.0.1:80",
        "AIFAQ_SLACK_PORT_80_TCP_ADDR": "10.0.0.1",
    }
    assert configure(Settings, environ).settings == configure(Settings, {}).settings


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    """Unknown names, wrong values and unreadable files of all sources come in one error."""
    wrong = 'answring = "eager"\nlog_level = "loud"\n[http]\nport = 1\n'
    (tmp_path / "aifaq.toml").write_text(wrong)
    told = faults_of(
        AIFAQ_RETENTION_DAYS="0", AIFAQ_HTTP="nowhere", AIFAQ_X="1", SLACK_BOT_TOKEN_FILE="absent"
    )
    text = "\n".join(told)
    assert "AIFAQ_RETENTION_DAYS: Input should be greater than or equal to 1" in told
    assert "AIFAQ_HTTP: it is 'nowhere' and must be host:port, such as 127.0.0.1:8080" in told
    assert "SLACK_BOT_TOKEN_FILE: absent cannot be read: No such file or directory" in told
    assert "aifaq.toml: answring is no setting; did you mean answering?" in told
    assert "aifaq.toml: log_level: Input should be 'debug', 'info', 'warning' or 'error'" in told
    assert "AIFAQ_X is no setting" in text
    assert "aifaq.toml: http.port is no setting" in text
    assert len(told) == 7


def test_a_secret_set_twice_is_refused(tmp_path: Path) -> None:
    """A token and a file with a token: which of them is meant cannot be known."""
    (tmp_path / "token").write_text("b")
    told = faults_of(DISCORD_TOKEN="a", DISCORD_TOKEN_FILE="token")
    assert told == ["DISCORD_TOKEN and DISCORD_TOKEN_FILE are both set; keep one of them"]


def test_only_secrets_can_come_from_files() -> None:
    """`AIFAQ_LOCALE_FILE` is no setting."""
    assert faults_of(AIFAQ_LOCALE_FILE="x")[0].startswith("AIFAQ_LOCALE_FILE is no setting")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"x" * (configuration.MAX_BYTES + 1), "is larger than 64 KB"),
    ],
)
def test_a_secret_file_of_no_use_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    """What is no short text is not taken for a token."""
    (tmp_path / "token").write_bytes(content)
    assert faults_of(DISCORD_TOKEN_FILE="token") == [f"DISCORD_TOKEN_FILE: token {words}"]


def test_a_broken_toml_file_is_named_with_its_line(tmp_path: Path) -> None:
    """The parser's own words, with the file."""
    (tmp_path / "mine.toml").write_text('locale = "en"\nlocale = \n')
    (told,) = faults_of(AIFAQ_CONFIG="mine.toml")
    assert re.match(r"mine\.toml is not TOML: .*line 2", told)
    assert faults_of(AIFAQ_CONFIG="absent.toml") == [
        "AIFAQ_CONFIG: absent.toml cannot be read: No such file or directory"
    ]


def test_paths_in_the_file_start_from_its_folder(tmp_path: Path) -> None:
    """A TOML file can be moved together with what it names."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "key").write_text("a key that is long enough")
    (tmp_path / "etc" / "bot.toml").write_text('data_dir = "data"\nsecret_key_file = "key"\n')
    settings = configure(Settings, {"AIFAQ_CONFIG": "etc/bot.toml"}).settings
    assert settings.data_dir == Path("etc/data")
    assert settings.secret_key is not None
    assert settings.secret_key.get_secret_value() == "a key that is long enough"


def test_lists_come_from_commas_and_from_toml(tmp_path: Path) -> None:
    """Channel ids as `1, 2` in the environment, as a list in the file."""
    (tmp_path / "aifaq.toml").write_text('slack_moderators = ["U1", "S2"]\n')
    settings = configure(Settings, {"AIFAQ_DISCORD_AUTO_CHANNELS": "1, 2,"}).settings
    assert settings.discord_auto_channels == ("1", "2")
    assert settings.slack_moderators == ("U1", "S2")


def test_no_secret_is_ever_shown() -> None:
    """Neither `repr`, nor the listing, nor an error holds a secret's value."""
    secrets = {variable(Settings, n): f"hidden-{n}" for n in Settings.model_fields
               if is_secret(Settings, n)}
    assert "DISCORD_TOKEN" in secrets
    settings = configure(Settings, secrets).settings
    listing = [shown(settings, name) for name in Settings.model_fields]
    assert "hidden" not in repr(settings) + str(settings) + "".join(listing)
    assert configuration.MASK in listing
    with pytest.raises(SettingsError) as caught:
        configure(Settings, secrets | {"AIFAQ_RETENTION_DAYS": "hidden"})
    assert "hidden" not in str(caught.value) + repr(caught.value.__context__)


def test_secrets_for_the_logs_include_a_password_within_an_address() -> None:
    """A database's password must not be logged on its own either."""
    settings = Settings(database_url="postgresql://aifaq:pa55word@host/db", discord_token="t0ken")
    assert configuration.secrets_of(settings) == [
        "postgresql://aifaq:pa55word@host/db", "pa55word", "t0ken",
    ]


def test_every_setting_says_what_it_is_for() -> None:
    """`aifaq settings` has a meaning for each."""
    for name, about in Settings.model_fields.items():
        assert about.description, name
        assert about.description.endswith("."), name


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        (":80", ("127.0.0.1", 80)),
        ("8080", ("127.0.0.1", 8080)),
        ("[::1]:0", ("::1", 0)),
        ("0.0.0.0:8080", ("0.0.0.0", 8080)),
    ],
)
def test_addresses(text: str, address: tuple[str, int]) -> None:
    """host:port; without a host, nobody outside can connect."""
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["", "host", "host:", "host:99999", "host:-1", "host:٣"])
def test_what_is_no_address(text: str) -> None:
    """The words say what was given and what is wanted."""
    with pytest.raises(ValueError, match="must be host:port"):
        parse_address(text)
