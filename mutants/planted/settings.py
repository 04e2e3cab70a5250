"""Settings, keys, mail servers, proxies and workers: what fails closed must not fail open."""

from mutants.mutant import Mutant

_WORKER = "tests/jobs/test_worker.py"
_CONFIG = "tests/test_config.py"
_MAIL = "tests/services/notifications/test_mail_server.py"
_KEYS = "tests/app/test_key_rotation.py"

MUTANTS = (
    Mutant(
        "the queue holds pickles",
        "app/lib/queue.py",
        'SERIALIZER = "json"',
        'SERIALIZER = "pickle"',
        _WORKER,
    ),
    Mutant(
        "a worker reads the callbacks beside a job",
        "app/jobs/table.py",
        "for name, value in raw_data.items() if name in _READ}",
        "for name, value in raw_data.items()}",
        _WORKER,
    ),
    Mutant(
        "a name that is in no table is a job that fails",
        "app/jobs/table.py",
        "if self.func_name not in JOBS or ",
        "if ",
        f"{_WORKER}::test_what_is_refused_is_said_and_gone",
    ),
    Mutant(
        "whoever can write to Redis stops the workers",
        "app/jobs/worker.py",
        "    def subscribe(self)",
        "    def do_not_subscribe(self)",
        f"{_WORKER}::test_nobody_stops_or_pauses_a_worker_through_redis",
    ),
    Mutant(
        "everybody says where they come from",
        "app/lib/network/forwarding.py",
        'if addresses.holds(self._proxies, environ.get("REMOTE_ADDR")):',
        "if self._proxies:",
        "tests/app/test_forwarding.py",
    ),
    Mutant(
        "a browser's word for the host is the proxy's",
        "app/lib/network/forwarding.py",
        "x_host=0",
        "x_host=hops",
        "tests/app/test_forwarding.py",
    ),
    Mutant(
        "a mail server that speaks TLS at once is believed",
        "app/lib/network/mail_server.py",
        "timeout=timeout, context=authorities.trusted()\n",
        "timeout=timeout\n",
        _MAIL,
    ),
    Mutant(
        "a mail server that begins TLS later is believed",
        "app/lib/network/mail_server.py",
        "server.starttls(context=authorities.trusted())",
        "server.starttls()",
        _MAIL,
    ),
    Mutant(
        "the last key signs",
        "app/services/core/signed_urls.py",
        "keys(app)[::-1]",
        "keys(app)",
        _KEYS,
    ),
    Mutant(
        "an old key may be one that everybody knows",
        "config.py",
        '(settings["SECRET_KEY"], *settings["SECRET_KEY_FALLBACKS"])',
        '(settings["SECRET_KEY"],)',
        _CONFIG,
    ),
    Mutant(
        "a third word is the second one",
        "config.py",
        "    if word not in (default, other):",
        "    if not word:",
        _CONFIG,
    ),
    Mutant(
        "an address is one only where somebody listed it",
        "app/lib/refusals.py",
        " or (self.live_hosts and _ADDRESS.match(value))",
        "",
        _CONFIG,
    ),
    Mutant(
        "the public address is https to one and http to another",
        "config.py",
        'if not is_plain(url, "http", "https") or url.count("/")',
        'if url.count("/")',
        f"{_CONFIG}::test_the_public_address_is_one_that_everybody_reads_alike",
    ),
    Mutant(
        "a vendor's address with a user in it is the vendor's",
        "app/lib/refusals.py",
        'if is_plain(value, "https") and (',
        'if value.startswith("https://") and (',
        f"{_CONFIG}::test_a_vendors_address_is_one_that_everybody_reads_alike",
    ),
    Mutant(
        "Redis is told to use weak TLS in words that nobody has forbidden",
        "config.py",
        "sorted(said - _REDIS_WORDS)",
        'sorted(said & {"ssl_cert_reqs", "ssl_check_hostname"})',
        f"{_CONFIG}::test_a_word_that_is_none_is_never_taken_as_the_default",
    ),
    Mutant(
        "a comma lets everybody call in M-Pesa's name",
        "app/gateways/sources.py",
        "if text and not found:",
        "if text.strip(',') and not found:",
        f"{_CONFIG}::test_a_list_of_nothing_is_not_taken_for_a_secret_or_for_everybody",
    ),
)
