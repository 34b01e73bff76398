"""The avatar and the banner of the application are those that the script makes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from docs.artwork import AVATAR, BANNER, draw_avatar, draw_banner

# Versions of Pillow may round the colours of edges differently.
_MAX_DIFFERENCE = 24
_MAX_BYTES = 100_000


@pytest.mark.parametrize(
    ("file", "size", "draw"), [(AVATAR, (1024, 1024), draw_avatar), (BANNER, (680, 240), draw_banner)]
)
def test_a_file_is_as_drawn_in_discords_size(
    file: Path, size: tuple[int, int], draw: Callable[[], Image.Image]
) -> None:
    with Image.open(file) as kept:
        difference = ImageChops.difference(kept.convert("RGB"), draw())

    assert difference.size == size
    differing = difference.convert("L").point(lambda value: 255 if value > _MAX_DIFFERENCE else 0).getbbox()
    assert differing is None, "make them again: python -m docs.artwork"
    assert file.stat().st_size < _MAX_BYTES
