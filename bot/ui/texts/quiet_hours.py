"""The summary after quiet hours."""

SOME_OPEN = "☀️ Quiet hours are over. Alerts during them: {number}, still open: {open}."
ALL_OVER = "☀️ Quiet hours are over. Alerts during them: {number}, all resolved."
