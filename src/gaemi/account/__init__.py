"""The account view: how far one investor is from a call, a forced sale, zero, and what the odds are of the goal first.

``portfolio`` makes of what an investor says an account of the engine; ``standing`` says where it stands; ``scenario``
runs it through one path; ``odds`` through many; ``leverage`` and ``what_if`` vary it; ``view`` makes the answer.
"""
