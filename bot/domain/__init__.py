"""What readings mean. Pure: no input or output, no clock of its own, no Discord, no database."""
