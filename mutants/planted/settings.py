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
)
