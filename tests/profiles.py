"""How many examples Hypothesis tries: `pytest --hypothesis-profile dev` (the default), `ci` or `thorough`.

Examples are the same in every run, so that a test fails for a change of the code and not by chance. No time limit
holds for one: the machine may be slow.
"""

from hypothesis import HealthCheck, settings

for name, max_examples in {"dev": 25, "ci": 150, "thorough": 10_000}.items():
    settings.register_profile(
        name, max_examples=max_examples, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
    )


def fewer_examples(divisor: int) -> int:
    """The profile's number of examples divided by this, but two at least: for properties whose examples are slow."""
    profile = settings.get_profile(settings.get_current_profile_name())
    return max(2, profile.max_examples // divisor)
