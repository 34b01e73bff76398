"""The commands, one file per feature. discord.py loads them by name (`bot.app.client.COGS`).

A command must respond within 3 s, which `defer` does. After that it has 15 min to edit its response (Discord's
documentation, "Receiving and Responding to Interactions").
"""
