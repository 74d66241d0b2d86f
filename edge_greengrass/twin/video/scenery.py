"""What the twins' cameras look at, drawn: a stack, a shelter of analysers, an outfall, a basin.

Every picture is a function of its phase in `[0, 1)`, so that a film of it can go round for ever.
Something always moves, as before a real camera.
"""

from collections.abc import Callable
from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 640, 360
_TAU = 2 * pi
_DARK = -0.6
Picture = Image.Image
Colour = tuple[int, int, int]


def stack(phase: float) -> Picture:
    """A stack with a thin white wisp of steam on a fair day."""
    return _works(phase, steam=0.35, tint=(246, 248, 250))


def stack_plume(phase: float) -> Picture:
    """The same stack under a dense yellow-brown plume (冒黄烟)."""
    return _works(phase, steam=0.95, tint=(150, 122, 74))


def stack_still(phase: float) -> Picture:
    """The same stack with nothing leaving it that could be seen."""
    return _works(phase, steam=0.0, tint=(246, 248, 250))


def stack_covered(phase: float) -> Picture:
    """The same camera with something before its lens (遮挡)."""
    shade = 46 + 5 * sin(_TAU * phase)
    cloth = Image.new("RGB", (WIDTH, HEIGHT), (int(shade), int(shade) - 4, int(shade) - 10))
    draw = ImageDraw.Draw(cloth)
    for fold in range(5):
        left = fold * 140 - 60 + 12 * sin(_TAU * (phase + fold / 5))
        draw.polygon([(left, 0), (left + 60, 0), (left + 20, HEIGHT)], fill=(58, 54, 48))
    return cloth.filter(ImageFilter.GaussianBlur(28))


def stack_moved(phase: float) -> Picture:
    """The same stack by a camera that was turned aside (移位)."""
    seen = _works(phase, steam=0.35, tint=(246, 248, 250)).rotate(9, Image.Resampling.BILINEAR)
    return seen.crop((190, 40, 590, 265)).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)


def shelter(phase: float) -> Picture:
    """The inside of the shelter with its analysers (站房): lamps blink, figures change."""
    room = _gradient((196, 200, 198), (150, 154, 152))
    draw = ImageDraw.Draw(room)
    draw.polygon([(0, 300), (WIDTH, 300), (WIDTH, HEIGHT), (0, HEIGHT)], fill=(112, 110, 104))
    draw.rectangle((560, 70, 630, 300), fill=(124, 94, 62), outline=(84, 62, 40), width=3)
    for rack in range(3):
        _rack(draw, 40 + 165 * rack, rack, phase)
    for bottle in range(4):
        left = 522 + 9 * bottle
        draw.rounded_rectangle((left, 190, left + 7, 300), 3, fill=(54, 96 + 20 * bottle, 140))
    fan = 604 + 16 * cos(_TAU * 24 * phase), 42 + 16 * sin(_TAU * 24 * phase)
    draw.ellipse((584, 22, 624, 62), fill=(90, 92, 92))
    draw.line((604, 42, *fan), fill=(220, 220, 220), width=5)
    return room


def outfall(phase: float) -> Picture:
    """The final channel of a sewage works: water runs through a Parshall flume (巴歇尔槽)."""
    bank = _gradient((168, 190, 205), (122, 134, 96))
    draw = ImageDraw.Draw(bank)
    draw.polygon([(200, 120), (440, 120), (WIDTH, HEIGHT), (0, HEIGHT)], fill=(150, 148, 142))
    water = _water(phase, (74, 112, 108))
    mask = Image.new("L", (WIDTH, HEIGHT), 0)
    shape = [(262, 120), (378, 120), (360, 210), (520, HEIGHT), (120, HEIGHT), (280, 210)]
    ImageDraw.Draw(mask).polygon(shape, fill=255)
    bank.paste(water, (0, 0), mask)
    draw.rectangle((420, 90, 500, 200), fill=(214, 216, 216), outline=(90, 94, 96), width=3)
    draw.rectangle((434, 108, 486, 138), fill=(30, 60, 46))
    draw.text((440, 113), _figures(phase, 3), fill=(120, 255, 170), font_size=18)
    draw.rectangle((150, 60, 156, 220), fill=(96, 100, 104))
    draw.line((156, 64, 320, 96), fill=(96, 100, 104), width=5)
    return bank


def aeration(phase: float) -> Picture:
    """An aeration basin (曝气池): bubbles rise and foam drifts."""
    return _basin(phase, bubbles=90)


def aeration_still(phase: float) -> Picture:
    """The same basin without air (停曝气): the water lies still but for the wind."""
    return _basin(phase, bubbles=0)


def _basin(phase: float, bubbles: int) -> Picture:
    seen = _gradient((188, 204, 214), (140, 146, 140))
    water = _water(phase, (104, 92, 66))
    mask = Image.new("L", (WIDTH, HEIGHT), 0)
    edges = ImageDraw.Draw(mask)
    edges.polygon([(180, 110), (312, 110), (300, 340), (20, 340)], fill=255)
    edges.polygon([(328, 110), (460, 110), (620, 340), (340, 340)], fill=255)
    seen.paste(water, (0, 0), mask)
    foam = ImageDraw.Draw(seen, "RGBA")
    random = np.random.default_rng(5)
    for x, y, offset in random.random((bubbles, 3)):
        age = (phase * 6 + offset) % 1
        depth = 0.3 + 0.7 * y
        size = (3 + 11 * age) * depth
        centre = 320 + (x - 0.5) * 560 * depth, 110 + 230 * y
        if mask.getpixel((int(centre[0]), int(min(centre[1], HEIGHT - 1)))):
            _disc(foam, centre, size, (232, 226, 206, int(190 * (1 - age))))
    foam.line((320, 100, 320, 345), fill=(120, 124, 126), width=12)
    foam.line((180, 104, 460, 104), fill=(90, 96, 100), width=6)
    return seen


def black(_phase: float) -> Picture:
    """What a camera without light or with a broken sensor gives."""
    return Image.new("RGB", (WIDTH, HEIGHT), (4, 4, 4))


SCENES: dict[str, Callable[[float], Picture]] = {
    "stack": stack,
    "stack-plume": stack_plume,
    "stack-still": stack_still,
    "stack-covered": stack_covered,
    "stack-moved": stack_moved,
    "shelter": shelter,
    "outfall": outfall,
    "aeration": aeration,
    "aeration-still": aeration_still,
    "black": black,
}


def _works(phase: float, steam: float, tint: Colour) -> Picture:
    """A power plant: boiler house, cooling tower, a banded stack and what leaves it."""
    seen = _gradient((112, 156, 204), (206, 220, 230))
    _clouds(seen, phase)
    draw = ImageDraw.Draw(seen)
    draw.rectangle((0, 300, WIDTH, HEIGHT), fill=(104, 108, 84))
    draw.rectangle((40, 200, 250, 306), fill=(142, 138, 132), outline=(96, 92, 88), width=2)
    draw.rectangle((70, 160, 150, 200), fill=(128, 124, 120))
    for window in range(9):
        lit = (236, 216, 150) if sin(_TAU * (phase + window / 9)) > _DARK else (86, 96, 106)
        draw.rectangle((54 + 21 * window, 226, 64 + 21 * window, 246), fill=lit)
    tower = [(470, 306), (500, 220), (498, 170), (572, 170), (570, 220), (602, 306)]
    draw.polygon(tower, fill=(176, 174, 168), outline=(130, 128, 124))
    _chimney(draw, phase)
    _plume(seen, phase, steam, tint)
    return seen


def _chimney(draw: ImageDraw.ImageDraw, phase: float) -> None:
    for band in range(10):
        top, half = 70 + 24 * band, 9 + band
        colour = (186, 66, 54) if band in {0, 2} else (204, 204, 200)
        lower = half + 1
        corners = [(340 - half, top), (340 + half, top)]
        draw.polygon([*corners, (340 + lower, top + 24), (340 - lower, top + 24)], fill=colour)
    if sin(_TAU * 12 * phase) > 0:
        draw.ellipse((352, 96, 358, 102), fill=(255, 40, 30))


def _plume(seen: Picture, phase: float, thickness: float, tint: Colour) -> None:
    """Let puffs leave the stack, drift, grow and fade."""
    smoke = Image.new("L", (WIDTH, HEIGHT), 0)
    draw = ImageDraw.Draw(smoke)
    for puff in range(30):
        age = (phase * 3 + puff / 30) % 1
        sway = 10 * sin(_TAU * (phase * 2 + puff * 0.37)) * age
        centre = 340 + 250 * age**1.3, 64 - 44 * age**0.7 + sway
        dense = int(255 * thickness * (1 - age) ** 1.4)
        _disc(draw, centre, 7 + 46 * age, dense)
    smoke = smoke.filter(ImageFilter.GaussianBlur(6))
    seen.paste(Image.new("RGB", (WIDTH, HEIGHT), tint), (0, 0), smoke)


def _clouds(seen: Picture, phase: float) -> None:
    sky = Image.new("L", (WIDTH, HEIGHT), 0)
    draw = ImageDraw.Draw(sky)
    for cloud in range(12):
        x = (cloud * 113 + phase * 2 * (WIDTH + 200)) % (WIDTH + 200) - 100
        y = 24 + (cloud * 37) % 110
        draw.ellipse((x - 60, y - 12, x + 60, y + 12), fill=110)
    sky = sky.filter(ImageFilter.GaussianBlur(12))
    seen.paste(Image.new("RGB", (WIDTH, HEIGHT), (244, 246, 248)), (0, 0), sky)


def _rack(draw: ImageDraw.ImageDraw, left: int, rack: int, phase: float) -> None:
    draw.rectangle((left, 60, left + 140, 305), fill=(214, 214, 208), outline=(110, 112, 112))
    for unit in range(4):
        top = 74 + 56 * unit
        draw.rectangle((left + 10, top, left + 130, top + 46), fill=(64, 70, 76))
        draw.rectangle((left + 18, top + 8, left + 84, top + 38), fill=(18, 42, 34))
        shown = _figures(phase, 3 * rack + unit)
        draw.text((left + 24, top + 12), shown, fill=(130, 255, 180), font_size=18)
        blinks = sin(_TAU * ((4 + unit) * phase + rack / 3)) > 0
        lamp = (90, 230, 90) if blinks else (40, 80, 40)
        draw.ellipse((left + 104, top + 16, left + 116, top + 28), fill=lamp)


def _figures(phase: float, which: int) -> str:
    """Give a figure on a display that wanders about and comes back."""
    value = 20 + 7 * which + 5 * sin(_TAU * (phase + which / 7)) + sin(_TAU * 5 * phase)
    return f"{value:5.2f}"


def _water(phase: float, colour: Colour) -> Picture:
    """Give running water: waves of several lengths that come round with the phase."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    waves: NDArray[np.float32] = np.zeros((HEIGHT, WIDTH), np.float32)
    for number, (length, across, speed) in enumerate(((34, 90, 9), (21, -60, 14), (13, 40, 20))):
        waves += np.sin(_TAU * (y / length + x / across - speed * phase + number / 3))
    light = 9.0 * waves[..., None] + np.array(colour, np.float32)
    return Image.fromarray(np.clip(light, 0, 255).astype(np.uint8))


def _gradient(top: Colour, bottom: Colour) -> Picture:
    share = np.linspace(0, 1, HEIGHT, dtype=np.float32)[:, None, None]
    column = (1 - share) * np.array(top, np.float32) + share * np.array(bottom, np.float32)
    return Image.fromarray(np.broadcast_to(column, (HEIGHT, WIDTH, 3)).astype(np.uint8))


def _disc(
    draw: ImageDraw.ImageDraw,
    centre: tuple[float, float],
    radius: float,
    fill: int | tuple[int, ...],
) -> None:
    x, y = centre
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
