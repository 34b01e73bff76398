"""The commands, one file per feature. The bot loads them by name.

A command must respond within 3 s, which `defer` does. After that it has 15 min to edit its response (Discord's
documentation, "Receiving and Responding to Interactions").
"""
