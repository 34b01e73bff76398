"""The colours of modes, as red, green and blue in one number: for embeds, and for charts, which know no Discord."""

from bot.domain.modes import Mode

OF_MODES = {
    Mode.FAST: 0x2ECC71,
    Mode.RELAX: 0xF1C40F,
    Mode.VERIFYING: 0xE67E22,
    Mode.BANNED: 0xE74C3C,
    Mode.OFF: 0x4F545C,
    Mode.GONE: 0x95A5A6,
    Mode.OTHER: 0x3498DB,
    None: 0x95A5A6,
}
