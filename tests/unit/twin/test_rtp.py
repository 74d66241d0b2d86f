"""RTP packets of H.264 are laid out as RFC 3550, RFC 6184 and RFC 2326 say."""

from struct import unpack

from edge_greengrass.twin.video.rtp import Sender


def packets(stream: bytes) -> list[bytes]:
    """Take interleaved packets apart. Source: RFC 2326, 10.12."""
    found = []
    while stream:
        mark, channel, length = unpack(">cBH", stream[:4])
        assert (mark, channel) == (b"$", 2)
        found.append(stream[4 : 4 + length])
        stream = stream[4 + length :]
    return found


def test_a_small_unit_is_one_packet_with_its_header() -> None:
    """Version 2, payload type 96, marker on the last packet of a picture. RFC 3550, 5.1."""
    (packet,) = packets(Sender(source=7, channel=2).picture([b"\x65abc"], 90_000))
    first, second, number, stamp, source = unpack(">BBHII", packet[:12])
    assert (first, second, number, stamp, source) == (0x80, 0x80 | 96, 0, 90_000, 7)
    assert packet[12:] == b"\x65abc"


def test_a_large_unit_is_fragmented_with_a_start_and_an_end() -> None:
    """FU-A: indicator with NRI and type 28, header with S, E and the type. RFC 6184, 5.8."""
    unit = b"\x65" + bytes(range(256)) * 12
    made = packets(Sender(source=1, channel=2).picture([unit], 0))
    assert len(made) == 3
    assert [one[12] for one in made] == [0x60 | 28] * 3
    assert [one[13] for one in made] == [0x80 | 5, 5, 0x40 | 5]
    assert b"".join(one[14:] for one in made) == unit[1:]
    assert [one[1] & 0x80 for one in made] == [0, 0, 0x80], "the marker ends the picture"
    assert all(len(one) < 1500 for one in made)


def test_numbers_rise_by_one_over_pictures_and_begin_anew_after_65535() -> None:
    sender = Sender(source=1, channel=2)
    made = (sender.picture([b"\x41x"], 2**32) for _ in range(65_537))
    numbers = [int.from_bytes(one[6:8]) for one in made]
    assert numbers[:2] == [0, 1]
    assert numbers[-2:] == [65_535, 0]
