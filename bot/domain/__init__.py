"""Decisions about readings, incidents and forecasts. Pure: no I/O, no clock, no Discord, no database."""
