"""Random histories: many people, three gateways, lost and forged news, a clock that runs; the books must always be right.

`script/soak histories --seeds 1..400` plays them outside pytest.
"""
