"""What `rq cron app.jobs.clockwork` does: each minute it asks the workers for one sweep.

Run exactly one. A second one, or none for a while, does no harm: sweeps may overlap, and find their work by
time in the tables.
"""

from rq import cron

from app.jobs.sweeps import sweep
from app.lib.queue import NAME

EVERY = 60

# The job's own life is as short as the interval: while no worker runs, old ticks vanish instead of piling up.
cron.register(
    sweep,
    queue_name=NAME,
    interval=EVERY,
    ttl=EVERY,
    result_ttl=EVERY,
    failure_ttl=86400,
    job_timeout=600,  # longer than a pass in which everything that can hang does (app.services.backoffice.sweeps)
)
