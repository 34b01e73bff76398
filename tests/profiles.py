"""How many examples Hypothesis tries: `pytest --hypothesis-profile dev` (the default), `ci` or `thorough`.

Examples are the same in every run, so that tests fail because of code changes and not by chance. They have no deadline:
the machine may be slow.
"""

from hypothesis import HealthCheck, settings

for name, max_examples in {"dev": 25, "ci": 150, "thorough": 10_000}.items():
    settings.register_profile(
        name, max_examples=max_examples, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
    )


def fewer_examples(divisor: int) -> int:
    """Return the profile's number of examples divided by this, at least two, for properties with slow examples."""
    profile = settings.get_profile(settings.get_current_profile_name())
    return max(2, profile.max_examples // divisor)
