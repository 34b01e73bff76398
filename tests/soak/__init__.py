"""Fastwatch for hours in minutes: everything breaks at random, and at the end everybody has been told once."""
