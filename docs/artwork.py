"""Make the avatar and the banner of the Discord application: python -m docs.artwork

A gauge of fast hours around a bolt; on the banner, beside it, a fleet of tokens in their modes. The sizes are those of
Discord's developer portal: an avatar of 1024 px, which is shown in a circle, and a banner of 680 x 240 px.
"""

from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

FOLDER: Final = Path(__file__).parent / "artwork"
AVATAR: Final = FOLDER / "avatar.png"
BANNER: Final = FOLDER / "banner.png"

# Drawn larger and scaled down, which smooths the edges.
_SCALE: Final = 4
_AVATAR: Final = 1024
_BANNER: Final = (680, 240)
_BACKGROUND: Final = "#1e1f2b"
_EMPTY: Final = "#3a3c4e"
_BOLT: Final = "#fff6d8"
# As in the signs of the modes: FAST, RELAX, VERIFYING, BANNED and OFF.
_FAST, _RELAX, _VERIFYING, _BANNED, _OFF = "#2ecc71", "#f1c40f", "#e67e22", "#e74c3c", "#6b6e82"
# The gauge begins at the lower left and has three quarters of a circle, of which this share is left.
_START, _WHOLE, _LEFT = 135, 270, 0.78
# A bolt in a square from 0 to 1.
_BOLT_SHAPE: Final = ((0.60, 0.06), (0.24, 0.56), (0.46, 0.56), (0.38, 0.94), (0.76, 0.42), (0.53, 0.42))
# A row of the banner: the mode of each token, and the share that it has left.
_FLEET: Final = (
    ((_FAST, 0.92), (_FAST, 0.74), (_FAST, 0.61)),
    ((_FAST, 0.48), (_RELAX, 0.06), (_FAST, 0.83)),
    ((_VERIFYING, 0.55), (_FAST, 0.37), (_BANNED, 0.4)),
    ((_FAST, 0.95), (_OFF, 0.7), (_FAST, 0.66)),
)


def draw_avatar() -> Image.Image:
    """Return the avatar."""
    size = _AVATAR * _SCALE
    image = Image.new("RGB", (size, size), _BACKGROUND)
    _draw_gauge(ImageDraw.Draw(image), size / 2, size / 2, radius=size * 0.37)
    return image.resize((_AVATAR, _AVATAR), Image.Resampling.BOX)


def draw_banner() -> Image.Image:
    """Return the banner. Discord covers its lower left with the avatar, so the tokens are at the right."""
    width, height = (side * _SCALE for side in _BANNER)
    image = Image.new("RGB", (width, height), _BACKGROUND)
    draw = ImageDraw.Draw(image)
    _draw_gauge(draw, height * 0.52, height / 2, radius=height * 0.34)
    left, column, row = height * 1.12, (width - height * 1.12) / 3, height / (len(_FLEET) + 0.6)
    for y, tokens in enumerate(_FLEET):
        for x, (colour, share) in enumerate(tokens):
            _draw_token(draw, left + x * column, row * (y + 0.8), column, colour, share)
    return image.resize(_BANNER, Image.Resampling.BOX)


def _draw_gauge(draw: ImageDraw.ImageDraw, x: float, y: float, *, radius: float) -> None:
    """Draw the gauge and its bolt around this point."""
    width = radius * 0.2
    _draw_arc(draw, x, y, radius, width, _START + _WHOLE, _EMPTY)
    _draw_arc(draw, x, y, radius, width, _START + _WHOLE * _LEFT, _FAST)
    side = radius * 1.36
    draw.polygon([(x + (px - 0.5) * side, y + (py - 0.5) * side) for px, py in _BOLT_SHAPE], fill=_BOLT)


def _draw_arc(
    draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, width: float, end: float, colour: str
) -> None:
    draw.arc((x - radius, y - radius, x + radius, y + radius), _START, end, fill=colour, width=round(width))


def _draw_token(draw: ImageDraw.ImageDraw, x: float, y: float, column: float, colour: str, share: float) -> None:
    """Draw a token: its sign, and a bar of what it has left."""
    dot, bar, thick = column * 0.07, column * 0.62, column * 0.035
    draw.ellipse((x - dot, y - dot, x + dot, y + dot), fill=colour)
    start = x + dot * 2
    for end, fill in ((start + bar, _EMPTY), (start + bar * share, colour)):
        draw.rounded_rectangle((start, y - thick, end, y + thick), radius=thick, fill=fill)


def main() -> None:
    """Write both."""
    FOLDER.mkdir(exist_ok=True)
    draw_avatar().save(AVATAR, optimize=True)
    draw_banner().save(BANNER, optimize=True)


if __name__ == "__main__":
    main()
