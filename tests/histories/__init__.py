"""Random histories: many people, three gateways, lost and forged news, a clock that runs; the books must always be right.

`python -m tests.histories --engine sqlite --count 10000 --seed 1` plays them outside pytest.
"""
