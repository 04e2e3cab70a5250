"""Settings: from the environment alone, and a start that refuses what would be dangerous, in one sentence."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import config
from app import create_app, gateways, messengers
from app.lib.refusals import Refusals
from config import ROOT, ConfigError
from sandbox import credentials

GOOD = {
    "KIKAO_ENV": "production",
    "SECRET_KEY": "a real installation's key that is long enough",
    "PUBLIC_URL": "https://kikao.example",
    "DATABASE_URL": "postgresql://kikao@db/kikao",
    "GATEWAYS": "stripe",
    "STRIPE_SECRET_KEY": "sk_live_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
}


EVERY = dict.fromkeys((f"{code.upper()}_X" for code in gateways.REGISTRY), "x")
TABLE = gateways.refusals(EVERY) | messengers.refusals()
ADDRESSES = [f"{prefix}_{own}" for prefix, row in TABLE.items() if row.live_hosts for own in row.addresses]


def test_the_table_has_a_row_for_every_registered_gateway_and_carrier() -> None:
    assert TABLE.keys() == {code.upper() for code in (*gateways.REGISTRY, *messengers.REGISTRY)}


def _refusal(**changes: str | None) -> str:
    environ = {name: value for name, value in (GOOD | changes).items() if value is not None}
    with pytest.raises(ConfigError) as caught:
        config.from_environment(environ)
    return str(caught.value)


def test_a_complete_production_environment_is_accepted() -> None:
    settings = config.from_environment(GOOD)
    assert settings["PRODUCTION"] is True
    assert settings["SESSION_COOKIE_SECURE"] is True


@pytest.mark.parametrize("key", [None, "", "short", "x" * 31, "only-for-development", "a" * 64, "abcabc" * 8])
def test_production_refuses_a_missing_or_short_secret_key(key: str | None) -> None:
    assert "SECRET_KEY" in _refusal(SECRET_KEY=key)


@pytest.mark.parametrize(
    "url", [None, "http://kikao.example", "kikao.example", "ftp://kikao.example", "https://", "https://["]
)
def test_production_refuses_a_public_url_without_tls(url: str | None) -> None:
    assert "PUBLIC_URL" in _refusal(PUBLIC_URL=url)


_ODD = [
    "{}@host.example", "https://user:word@{host}", "{}?", "{}?x", "{}#x", "{}\r\nX: y", "{},http://x", "{}:99999", "{}.", "{}\\x",
    "HTTPS://{host}", "https://A{host}", "https://kíkao.example", "{}:", "https://@{host}", "{};x", "{}%2ehost.example",
]  # fmt: skip


@pytest.mark.parametrize("odd", [*_ODD, "{}/x", " {}", "{}\t"])
def test_the_public_address_is_one_that_everybody_reads_alike(odd: str) -> None:
    """`HTTPS://` was TLS to the check and plain http to the cookies: production began without Secure and __Host-."""
    assert "PUBLIC_URL must be" in _refusal(PUBLIC_URL=odd.format("https://kikao.example", host="kikao.example"))


@pytest.mark.parametrize(
    "url", ["https://kikao.example:8443", "https://xn--kkao-lpa.example", "https://[2001:db8::1]:8443"]
)
def test_the_public_address_may_have_a_port_and_a_name_of_any_script_in_the_letters_of_dns(url: str) -> None:
    settings = config.from_environment(GOOD | {"PUBLIC_URL": url})
    assert (settings["PUBLIC_URL"], settings["COOKIE_PREFIX"]) == (url, "__Host-")


@pytest.mark.parametrize("odd", _ODD)
def test_a_vendors_address_is_one_that_everybody_reads_alike(odd: str) -> None:
    base = odd.format("https://api.stripe.com", host="api.stripe.com")
    assert "STRIPE_API_BASE points" in _refusal(STRIPE_API_BASE=base)


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize(
    "base",
    [
        "http://127.0.0.1:8900/x", "https://localhost:8900", "http://api.example", "https://[::1]:8900", "http://h",
        "https://127.0.0.2", "https://localhost.", "https://api.example", "https://api.stripe.com.example", "https://[",
        "https://api.stripe.com@host.example", "api.stripe.com", "//host.example/x.js", "https://10.0.0.7/v1",
    ],
)  # fmt: skip
def test_production_refuses_every_address_of_a_vendor_but_its_own_live_ones(name: str, base: str) -> None:
    """S3-17, X17: never in production; each gateway and carrier there is, by its row and not by its name."""
    assert name in _refusal(**{name: base})


@pytest.mark.parametrize("prefix", sorted(prefix for prefix, row in TABLE.items() if row.live_hosts))
@pytest.mark.parametrize("address", ["https://host.example/pay.js", "HTTP://host.example", "//host.example", "wss://h"])
def test_production_refuses_a_vendors_address_in_whatever_variable_it_stands(prefix: str, address: str) -> None:
    """SEC-13: the list of variables was the list of what is forbidden, and the script's was not on it."""
    assert f"{prefix}_NEW_WINDOW_JS points" in _refusal(**{f"{prefix}_NEW_WINDOW_JS": address})


def test_what_a_payer_reads_may_begin_with_an_address() -> None:
    assert config.from_environment(GOOD | {"MANUAL_INSTRUCTIONS": "https://bank.example: account 12"})["PRODUCTION"]


def test_production_seals_with_no_long_and_monotonous_key_and_opens_what_one_sealed() -> None:
    good, weak = GOOD["SECRET_KEY"], "a" * 40
    assert "KIKAO_SEAL_KEYS" in _refusal(KIKAO_SEAL_KEYS=weak)
    assert "KIKAO_SEAL_KEYS" in _refusal(KIKAO_SEAL_KEYS=f"{weak},{good}")
    assert config.from_environment(GOOD | {"KIKAO_SEAL_KEYS": f"{good},{weak}"})["SEAL_KEYS"] == (good, weak)


@pytest.mark.parametrize("prefix", sorted(TABLE))
def test_production_takes_each_vendor_at_its_live_hosts_and_the_words_of_its_people(prefix: str) -> None:
    for own in TABLE[prefix].addresses:
        for host in TABLE[prefix].live_hosts:
            given = {f"{prefix}_{own}": f"https://{host.replace('*', 'dublin.ie1')}/v1/"}
            assert config.from_environment(GOOD | given)["PRODUCTION"]
    assert config.from_environment(GOOD | {f"{prefix}_MERCHANT_NAME": "Sandbox Street Practice"})["PRODUCTION"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STRIPE_SECRET_KEY", "sk_test_51Habc"),
        ("STRIPE_SECRET_KEY", "rk_test_51Habc"),
        ("STRIPE_SECRET_KEY", " sk_test_51Habc "),
        ("RAZORPAY_KEY_ID", "rzp_test_1DP5mmOlF5G5ag"),
        ("MPESA_SHORTCODE", "174379"),
        ("MPESA_API_BASE", "https://sandbox.safaricom.co.ke"),
        ("AFRICASTALKING_USERNAME", "sandbox"),
        ("AFRICASTALKING_API_BASE", "https://api.sandbox.africastalking.com"),
        ("TWILIO_FROM", "+15005550006"),
        ("STRIPE_SECRET_KEY", "sk_test_kikao_sandbox"),
        ("TWILIO_ACCOUNT_SID", "ACkikaosandbox"),
    ],
)
def test_production_refuses_what_belongs_to_a_vendors_test_mode(name: str, value: str) -> None:
    """Anybody "pays" there with the card number of every tutorial."""
    assert name in _refusal(**{name: value})
    assert value.strip() not in _refusal(**{name: value})


@pytest.mark.parametrize("prefix", sorted(TABLE))
def test_no_row_takes_a_vendors_test_mode_for_its_live_one(prefix: str) -> None:
    row = TABLE[prefix]
    assert not [host for host in row.test_hosts if row.is_live(host)]
    assert row.live_hosts or row == Refusals()


@pytest.mark.parametrize("name", sorted(credentials.environment("https://api.example", 25)))
def test_production_refuses_each_of_the_sandboxs_own_values(name: str) -> None:
    value = credentials.environment("http://127.0.0.1:8900", 8925)[name]
    if "kikao_sandbox" in value or name.endswith("_API_BASE"):
        assert name in _refusal(**{name: value})


def test_the_sandboxs_razorpay_key_is_refused_too() -> None:
    """Its key id is written without an underscore."""
    assert "RAZORPAY_KEY_ID" in _refusal(RAZORPAY_KEY_ID=credentials.Credentials().razorpay_key_id)


def test_everything_that_is_wrong_is_named_at_once() -> None:
    words = _refusal(SECRET_KEY="x", PUBLIC_URL="http://kikao.example", STRIPE_API_BASE="http://127.0.0.1:1")
    assert all(name in words for name in ("SECRET_KEY", "PUBLIC_URL", "STRIPE_API_BASE"))


ALL_WRONG = GOOD | {
    "SECRET_KEY": "short",
    "PUBLIC_URL": "http://kikao.example",
    "SMTP_URL": "smtp://asha:tulips@mail.example",
    "KIKAO_RATE_LIMITS": "off",
    "KIKAO_FEE_PERCENT": "ten",
    "KIKAO_LOG": "loud",
    "KIKAO_REMINDERS": "soon",
    "KIKAO_MEETING_BASE": "http://meet.example",
    "KIKAO_QUESTION_HOURS": "0",
    "KIKAO_SEAL_KEYS": "short",
    "FLASK_DEBUG": "1",
    "DATABASE_URL": "",
    "GATEWAYS": "stripe,mpesa,nothing",
    "STRIPE_WEBHOOK_SECRET": "",
    "KIKAO_SMS": "twilio",
}
NAMED = {*ALL_WRONG, "MAIL_FROM", "MPESA_PASSKEY", "TWILIO_FROM"} - {"KIKAO_ENV", "STRIPE_SECRET_KEY", "KIKAO_SMS"}


def test_the_complaints_of_the_settings_the_gateways_and_the_carrier_come_together() -> None:
    """OPS-13: mending one and starting again showed the next, and so on."""
    with pytest.raises(ConfigError) as caught:
        create_app(ALL_WRONG)
    assert {name for name in NAMED if name not in str(caught.value)} == set()
    assert "tulips" not in str(caught.value)


@pytest.mark.parametrize(
    "program", [["flask", "--app", "wsgi:app", "doctor"], ["flask", "--app", "wsgi:app", "worker"]]
)
def test_whatever_is_started_with_wrong_settings_says_one_sentence_and_ends(program: list[str]) -> None:
    environ = {"PATH": os.environ["PATH"], **ALL_WRONG}
    done = subprocess.run(
        [sys.executable, "-m", *program], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Kikao does not start: KIKAO_ENV=production refuses to start: ")
    assert done.stderr.count("\n") == 1, "no traceback"
    assert {name for name in NAMED if name not in done.stderr} == set()


@pytest.mark.parametrize(
    ("url", "is_taken"),
    [
        ("smtp+starttls://asha:tulips@mail.example:587", True),
        ("smtps://asha:tulips@mail.example", True),
        ("smtp://relay.example:25", True),
        ("smtp://asha:tulips@mail.example:587", False),
        ("smtp://asha:tulips@127.0.0.1:25", False),
        ("smtp+tls://asha:tulips@mail.example", False),
        ("mail.example", False),
        ("smtps://asha:tu/lips@mail.example", False),
        ("smtps://asha:tulips@", False),
    ],
)
@pytest.mark.parametrize("word", ["production", "staging"])
def test_a_mail_server_learns_its_password_encrypted_or_kikao_does_not_start(
    word: str, url: str, is_taken: bool
) -> None:
    """SEC-11: `smtp://user:pw@` was the example file's own line."""
    given = GOOD | {"KIKAO_ENV": word, "SMTP_URL": url, "MAIL_FROM": "Kikao <hello@kikao.example>"}
    if is_taken:
        assert config.from_environment(given)["SMTP_URL"] == url
    else:
        with pytest.raises(ConfigError, match="SMTP_URL") as caught:
            config.from_environment(given)
        assert "asha" not in str(caught.value)
        assert "lips" not in str(caught.value)


def test_in_development_a_password_in_the_clear_may_go_to_this_machine_alone() -> None:
    assert config.from_environment({"SMTP_URL": "smtp://asha:tulips@localhost:25"})["SMTP_URL"]
    with pytest.raises(ConfigError, match="SMTP_URL would send its password in the clear"):
        config.from_environment({"SMTP_URL": "smtp://asha:tulips@mail.example"})


def test_where_mail_is_sent_in_production_its_sender_is_named() -> None:
    server = {"SMTP_URL": "smtps://mail.example"}
    assert "MAIL_FROM must be set" in _refusal(**server)
    assert config.from_environment(GOOD | server | {"MAIL_FROM": "hello@kikao.example"})["MAIL_FROM"]
    for wrong in ("Kikao", "Kikao <>", "@kikao.example", "hello@"):
        assert "MAIL_FROM must be an address" in _refusal(**server, MAIL_FROM=wrong)


def test_each_key_of_the_list_must_be_long_and_varied() -> None:
    """OPS-12: the first signs, all verify; a weak one in the list forges as well as a weak first one."""
    old, new = GOOD["SECRET_KEY"], "another key of this installation with many letters"
    settings = config.from_environment(GOOD | {"SECRET_KEY": f"{new}, {old},"})
    assert (settings["SECRET_KEY"], settings["SECRET_KEY_FALLBACKS"]) == (new, [old])
    assert settings["WTF_CSRF_SECRET_KEY"] == [old, new]
    for weak in ("short", "only-for-development", "a" * 64):
        assert "SECRET_KEY" in _refusal(SECRET_KEY=f"{new},{weak}")


def test_what_shows_the_inside_or_lets_everybody_guess_is_refused() -> None:
    """SEC-13."""
    assert "KIKAO_RATE_LIMITS" in _refusal(KIKAO_RATE_LIMITS="off")
    assert "FLASK_DEBUG" in _refusal(FLASK_DEBUG="1")
    assert config.from_environment(GOOD | {"FLASK_DEBUG": "0"})["PRODUCTION"]


def test_a_refusal_never_prints_a_secret() -> None:
    words = _refusal(SECRET_KEY="kikao_sandbox but short", STRIPE_SECRET_KEY="sk_test_kikao_sandbox_and_more")
    assert "but short" not in words
    assert "and_more" not in words


@pytest.mark.parametrize(
    ("gateways", "missing"),
    [
        (
            "stripe,razorpay,mpesa",
            [
                "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "RAZORPAY_KEY_ID", "RAZORPAY_KEY_SECRET",
                "RAZORPAY_WEBHOOK_SECRET", "MPESA_CONSUMER_KEY", "MPESA_CONSUMER_SECRET", "MPESA_SHORTCODE",
                "MPESA_PASSKEY",
            ],
        ),
        ("mpesa", ["MPESA_CONSUMER_KEY", "MPESA_CONSUMER_SECRET", "MPESA_SHORTCODE", "MPESA_PASSKEY"]),
    ],
)  # fmt: skip
def test_every_missing_variable_of_every_gateway_is_named_at_once(
    tmp_path: Path, gateways: str, missing: list[str]
) -> None:
    """Architecture: start-up stops naming every missing variable."""
    with pytest.raises(ConfigError) as caught:
        create_app({"GATEWAYS": gateways, "DATABASE_URL": f"sqlite:///{tmp_path / 'k.db'}"})
    assert all(name in str(caught.value) for name in missing), str(caught.value)


def test_a_gateway_with_one_variable_set_must_have_all(tmp_path: Path) -> None:
    environ = {"STRIPE_SECRET_KEY": "sk_live_1", "DATABASE_URL": f"sqlite:///{tmp_path / 'k.db'}"}
    with pytest.raises(ConfigError, match="STRIPE_WEBHOOK_SECRET"):
        create_app(environ)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory&uri=true",
        "sqlite:///file::memory:",
    ],
)
def test_production_keeps_no_books_in_memory(url: str) -> None:
    """Each process has others, and none has them after a restart."""
    assert "DATABASE_URL" in _refusal(DATABASE_URL=url)


def test_redis_is_told_where_its_certificates_are() -> None:
    url = "rediss://:word@redis:6379/0?ssl_ca_certs=/etc/ca.pem&socket_timeout=5"
    assert config.from_environment(GOOD | {"REDIS_URL": url})["REDIS_URL"] == url


@pytest.mark.parametrize("nothing", [",", " , "])
def test_a_list_of_nothing_is_not_taken_for_a_secret_or_for_everybody(nothing: str) -> None:
    """With `STRIPE_WEBHOOK_SECRET=,` every callback was refused, and with `MPESA_CALLBACK_FROM=,` none."""
    with pytest.raises(ConfigError, match="set STRIPE_WEBHOOK_SECRET"):
        create_app(GOOD | {"STRIPE_WEBHOOK_SECRET": nothing})
    mpesa = {f"MPESA_{name}": "600123" for name in ("CONSUMER_KEY", "CONSUMER_SECRET", "SHORTCODE", "PASSKEY")}
    with pytest.raises(ConfigError, match="MPESA_CALLBACK_FROM"):
        create_app(GOOD | mpesa | {"GATEWAYS": "stripe,mpesa", "MPESA_CALLBACK_FROM": nothing})


def test_production_never_invents_a_database() -> None:
    """A typo in DATABASE_URL must not start an empty SQLite file beside the real data."""
    assert "DATABASE_URL" in _refusal(DATABASE_URL=None)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://u:p@h:5432/d?sslmode=require", "postgresql+psycopg://u:p@h:5432/d?sslmode=require"),
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
        ("sqlite:////var/lib/kikao.db", "sqlite:////var/lib/kikao.db"),
        ("sqlite:///relative.db", "sqlite:///relative.db"),
    ],
)
def test_a_plain_database_url_gets_the_driver_we_use(given: str, used: str) -> None:
    assert config.database_url(given) == used


def test_without_any_variable_kikao_is_a_development_installation_with_sqlite() -> None:
    settings = config.from_environment({})
    assert settings["PRODUCTION"] is False
    assert settings["SQLALCHEMY_DATABASE_URI"].startswith("sqlite:///")
    assert settings["REDIS_URL"] == ""
    assert settings["SESSION_COOKIE_SECURE"] is False


def test_cookies_are_out_of_reach_for_scripts_and_other_sites() -> None:
    settings = config.from_environment(GOOD)
    assert settings["SESSION_COOKIE_HTTPONLY"] is True
    assert settings["SESSION_COOKIE_SAMESITE"] == "Lax"


@pytest.mark.parametrize(
    "contact", ["security@kikao.example", "http://kikao.example", "mailto:a@b.example\nExpires: never"]
)
def test_whom_to_tell_of_a_hole_is_an_address_that_a_program_can_use(contact: str) -> None:
    """RFC 9116: a URI, by https where it is a page; and nothing that writes a second line."""
    with pytest.raises(ConfigError, match="KIKAO_SECURITY_CONTACT"):
        config.from_environment(GOOD | {"KIKAO_SECURITY_CONTACT": contact})
    assert config.from_environment(GOOD)["SECURITY_CONTACT"] == ""


def test_an_address_with_a_slash_at_its_end_is_the_same_address() -> None:
    assert (
        config.from_environment(GOOD | {"PUBLIC_URL": "https://kikao.example/"})["PUBLIC_URL"]
        == "https://kikao.example"
    )


def _complaint(**given: str) -> str:
    with pytest.raises(ConfigError) as caught:
        config.from_environment(given)
    return str(caught.value)


@pytest.mark.parametrize("name", ["KIKAO_BODY_SECONDS", "WEB_THREADS"])
@pytest.mark.parametrize("value", ["0", "-1", "soon", "1.5"])
def test_the_door_never_stands_open_or_shut(name: str, value: str) -> None:
    """No time for a body, or no thread to answer with, would refuse everybody."""
    with pytest.raises(ConfigError, match=name):
        config.from_environment({name: value})


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("KIKAO_LATE_PAYER", ["Refund", "no", "refunds"]),
        ("KIKAO_DUE_BLOCKS", ["OFF", "0", "false"]),
        ("KIKAO_RATE_LIMITS", ["On", "1", "yes"]),
        ("MPESA_CONFIRM_BY_QUERY", ["off", "2", "no"]),
        ("KIKAO_LOG", ["loud"]),
        ("KIKAO_TRUSTED_PROXIES", ["many", "-1", "1.5", "9" * 5000]),
        ("KIKAO_FEE_PERCENT", ["101", "10%"]),
        ("KIKAO_QUESTION_HOURS", ["0", "721"]),
        ("KIKAO_NOTES_YEARS", ["ten"]),
        ("KIKAO_REMINDERS", ["soon", "0", "9" * 12, "24hm", "1e3", "24,,1"]),
        ("DATABASE_URL", ["mysql://db/kikao", "kikao.db"]),
        ("REDIS_URL", ["redis:6379", "http://redis:6379", "rediss://redis:6379/0?ssl_cert_reqs=none"]),
        ("REDIS_URL", ["rediss://redis/0?ssl%5Fcert%5Freqs=none", "rediss://redis/0?db=0&ssl_check%5fhostname=0"]),
        ("REDIS_URL", ["rediss://redis/0?ssl_ciphers=ALL:@SECLEVEL=0"]),
        ("MAIL_FROM", ["a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example"]),
        ("KIKAO_PROXY_ADDRESSES", ["0.0.0.0/1,128.0.0.0/1", "::/1", "10.0.0.1,0.0.0.0/0"]),
        ("SMTP_URL", ["mail.example"]),
        ("KIKAO_ENV", ["Production"]),
    ],
)
def test_a_word_that_is_none_is_never_taken_as_the_default(name: str, wrong: list[str]) -> None:
    """`KIKAO_DUE_BLOCKS=OFF` blocked, `KIKAO_LATE_PAYER=Refund` seated again, and nobody was told."""
    for word in wrong:
        assert _complaint(**{name: word}).startswith(f"{name} ")


def test_every_setting_that_has_words_or_bounds_is_held_to_them() -> None:
    """A new one that reads `environ.get(NAME, "on") != "off"` by itself is the old fault again."""
    text = Path(config.__file__).read_text()
    assert re.findall(r"environ\.get\([^)]*\) [!=]= ", text) == []


@pytest.mark.parametrize(
    "base",
    [
        "https://[",
        "http://meet.example",
        "meet.example",
        "https://",
        "https://u:p@meet.example",
        "https://meet.example/?a=1",
        "https://meet.example\r\nx",
        "https://@meet.example",
        "https://meet.example:99999",
    ],
)
def test_meeting_rooms_are_below_an_https_address_or_the_start_is_refused(base: str) -> None:
    with pytest.raises(ConfigError, match="KIKAO_MEETING_BASE"):
        config.from_environment({"KIKAO_MEETING_BASE": base})


@pytest.mark.parametrize("nothing", ["", " "])
def test_what_is_set_but_empty_is_not_set(nothing: str) -> None:
    names = Path(config.__file__).read_text()
    every = dict.fromkeys(re.findall(r'"((?:KIKAO_|MPESA_|MAIL_)[A-Z_]+|[A-Z]+_URL|SECRET_KEY)"', names), nothing)
    assert {"PUBLIC_URL", "MAIL_FROM", "KIKAO_LOG", "KIKAO_LATE_PAYER", "KIKAO_FEE_PERCENT"} <= every.keys()
    assert config.from_environment(every) == config.from_environment({})


def test_the_sessions_minutes_are_settings_with_defaults() -> None:
    """S2-11, X12."""
    names = ("LINK_MINUTES", "START_MINUTES", "NO_SHOW_MINUTES")
    assert [config.from_environment({})[name] for name in names] == [5, 10, 10]
    given = config.from_environment({f"KIKAO_{name}": "0" for name in names})
    assert [given[name] for name in names] == [0, 0, 0]
    with pytest.raises(ConfigError, match="KIKAO_LINK_MINUTES"):
        config.from_environment({"KIKAO_LINK_MINUTES": "soon"})


def test_seal_keys_are_a_list_of_long_keys() -> None:
    """S3-27: the first seals, all open; unset, SECRET_KEY seals."""
    assert config.from_environment(GOOD)["SEAL_KEYS"] == ()
    first, second = "a seal key of thirty-two letters", "b" * 32
    settings = config.from_environment(GOOD | {"KIKAO_SEAL_KEYS": f" {first}, {second} ,"})
    assert settings["SEAL_KEYS"] == (first, second)
    assert "KIKAO_SEAL_KEYS" in _refusal(KIKAO_SEAL_KEYS=f"{first},short")


# ------------------------------------------------------------------------------------------------ which environment it is


@pytest.mark.parametrize("word", ["Production", "prod", "PRODUCTION", "live", "test", "production "])
def test_a_word_that_is_no_environment_stops_the_start(word: str) -> None:
    """SEC-12: `Production` started as development, with a key that everybody knows."""
    assert "KIKAO_ENV must be one of development, staging, production" in _refusal(KIKAO_ENV=word)


@pytest.mark.parametrize(
    "elsewhere", [{"PUBLIC_URL": "https://kikao.example"}, {"HOST": "192.168.1.7"}, {"HOST": "fd00::7"}]
)
def test_without_a_word_it_is_development_only_where_nobody_else_can_reach_it(elsewhere: dict[str, str]) -> None:
    for here in ({}, {"HOST": "localhost"}, {"HOST": "127.0.0.9", "PUBLIC_URL": "http://[::1]:8000"}):
        assert config.from_environment(here)["PRODUCTION"] is False
    with pytest.raises(ConfigError, match="KIKAO_ENV must be set"):
        config.from_environment(elsewhere)


def test_the_key_that_everybody_knows_signs_only_what_nobody_else_can_reach() -> None:
    """SEC-12: a session forged with it opened the staff's pages."""
    reached = {"KIKAO_ENV": "development", "PUBLIC_URL": "http://192.168.1.7:8000"}
    with pytest.raises(ConfigError, match="SECRET_KEY must be set"):
        config.from_environment(reached)
    assert config.from_environment(reached | {"SECRET_KEY": "anything"})["PRODUCTION"] is False


def test_staging_refuses_all_that_production_refuses_but_the_vendors_test_modes() -> None:
    keys = {"STRIPE_SECRET_KEY": "sk_test_1"}
    staging = GOOD | keys | {"KIKAO_ENV": "staging"}
    assert "STRIPE_SECRET_KEY" in _refusal(**keys)
    settings = config.from_environment(staging)
    assert (settings["PRODUCTION"], settings["STAGING"]) == (True, True)
    for wrong in (
        {"PUBLIC_URL": "http://kikao.example"},
        {"SECRET_KEY": "short"},
        {"STRIPE_API_BASE": "https://stripe.attacker.example"},
        {"STRIPE_API_BASE": "http://127.0.0.1:9000/stripe"},
        {"STRIPE_SECRET_KEY": "sk_test_kikao_sandbox"},
        {"DATABASE_URL": ""},
    ):
        with pytest.raises(ConfigError, match="KIKAO_ENV=staging refuses to start"):
            config.from_environment(staging | wrong)


def test_mpesas_own_test_host_is_for_staging_alone() -> None:
    mpesa = {"MPESA_API_BASE": "https://sandbox.safaricom.co.ke"}
    assert "MPESA_API_BASE points at the vendor's test mode" in _refusal(**mpesa)
    assert config.from_environment(GOOD | mpesa | {"KIKAO_ENV": "staging"})["STAGING"]


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_limits_cannot_be_lifted_where_strangers_come(environment: str) -> None:
    """SEC-13: a load test's setting opened every door to guessing."""
    assert "KIKAO_RATE_LIMITS=off" in _refusal(KIKAO_ENV=environment, KIKAO_RATE_LIMITS="off")
    assert config.from_environment(GOOD | {"KIKAO_RATE_LIMITS": "on"})["RATELIMIT_ENABLED"]


# ------------------------------------------------------------------------------------------------ SMS, and other providers

_CLINIC = {
    "OIDC_PROVIDERS": "clinic",
    "OIDC_CLINIC_ISSUER": "https://sso.clinic.example",
    "OIDC_CLINIC_CLIENT_ID": "kikao",
    "OIDC_CLINIC_CLIENT_SECRET": "a secret of the clinic's",
}


def test_countries_for_sms_are_those_of_a_list_that_knows_every_country() -> None:
    assert config.from_environment(GOOD)["SMS_COUNTRIES"] == ()
    assert config.from_environment(GOOD | {"KIKAO_SMS_COUNTRIES": " KE, IN ,"})["SMS_COUNTRIES"] == ("KE", "IN")


@pytest.mark.parametrize("word", ["Kenya", "ke", "XX", "KE;IN", "*"])
def test_a_word_that_is_no_country_stops_the_start(word: str) -> None:
    assert "SMS_COUNTRIES must be two-letter codes" in _refusal(KIKAO_SMS_COUNTRIES=f"KE,{word}")


def test_a_provider_of_log_ins_is_taken_with_its_settings() -> None:
    assert config.from_environment(GOOD)["OPENID"] == {}
    assert list(config.from_environment(GOOD | _CLINIC)["OPENID"]) == ["clinic"]


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_a_provider_without_tls_or_of_the_sandbox_is_refused_outside_development(environment: str) -> None:
    settings = _CLINIC | {"KIKAO_ENV": environment}
    assert "OIDC_CLINIC_ISSUER must be an https" in _refusal(**settings | {"OIDC_CLINIC_ISSUER": "http://sso.example"})
    sandbox = {"OIDC_CLINIC_CLIENT_SECRET": credentials.Credentials().openid_client_secret}
    assert "OIDC_CLINIC_CLIENT_SECRET is the sandbox's" in _refusal(**settings | sandbox)


def test_a_provider_that_is_named_and_not_set_up_stops_the_start_with_all_that_is_missing() -> None:
    said = _refusal(OIDC_PROVIDERS="clinic")
    for word in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET"):
        assert f"OIDC_CLINIC_{word} must be set" in said


@pytest.mark.parametrize("name", ["KIKAO_SANDBOX", "KIKAO_DEMO"])
def test_production_does_not_say_how_to_try_it(name: str) -> None:
    assert name in _refusal(**{name: "on"})
