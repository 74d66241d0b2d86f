"""The band under a picture (水印): what it shows, when, and the digest of the pixels above it.

The band is added below, so that nothing of what the camera saw is covered. The digest also stands
in the file's comment, for programs.
"""

from datetime import tzinfo
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from edge_greengrass.camera.still import Still

_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
)
_QUALITY = 90
_HEX_PER_LINE = 32

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def watermarked(
    still: Still, label: str, *, outlet: str, zone: tzinfo, font: Path | None
) -> bytes:
    """Give a JPEG of the still with its band.

    Args:
        still: what the camera saw.
        label: names outlet and camera for a person.
        outlet: stands in for a label that cannot be drawn for want of a font.
        zone: the legal time of the place.
        font: the font to use, before those that are looked for.
    """
    height, width = still.pixels.shape[:2]
    size = max(12, width // 40)
    drawn = _font(size, font)
    if drawn is None and not label.isascii():
        label = outlet
    at = still.at.astimezone(zone).isoformat(sep=" ", timespec="milliseconds")
    digest = still.digest
    lines = (
        f"{label}  {at}",
        f"SHA-256 {digest[:_HEX_PER_LINE]}",
        f"        {digest[_HEX_PER_LINE:]}",
    )
    line_height = size * 3 // 2
    whole = Image.new("RGB", (width, height + line_height * len(lines) + size // 2))
    whole.paste(Image.fromarray(still.pixels), (0, 0))
    pen = ImageDraw.Draw(whole)
    for number, line in enumerate(lines):
        place = (size // 2, height + size // 4 + line_height * number)
        pen.text(place, line, fill=(255, 255, 255), font=drawn or ImageFont.load_default(size))
    out = BytesIO()
    whole.save(out, "JPEG", quality=_QUALITY, comment=f"sha256 {digest}")
    return out.getvalue()


def _font(size: int, chosen: Path | None) -> ImageFont.FreeTypeFont | None:
    """Give the chosen font, else the first of those known to draw Chinese, else none."""
    known = (Path(name) for name in _FONTS)
    for path in (chosen, *known) if chosen else known:
        if path.exists():
            return ImageFont.truetype(path, size)
    return None
