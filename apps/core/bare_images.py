"""Images that hold nothing but pixels, as `core/images.py` writes them: no metadata, nothing behind.

Such an upload is kept byte by byte, since another encoding would lose quality each time a site is
moved. Whether the pixels can be read is left to the decoder.
"""

import re
from struct import unpack_from

_JFIF = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
_JFIF_BYTES = 20  # with its version and density, without a preview
# Quantisation tables, size, Huffman tables, and the start of the pixels (ITU-T T.81, table B.1).
_DQT, _SOF0, _DHT, _SOS = 0xFFDB, 0xFFC0, 0xFFC4, 0xFFDA
_LONGEST_HEADER = 2000  # bytes; many tables could hold something else
_MARKER = re.compile(rb"\xff[^\x00]")
_END = b"\xff\xd9"
# Pixels with and without loss, their transparency, and the header that says so (RFC 9649, 2.7).
_WEBP_CHUNKS = {b"VP8 ", b"VP8L", b"ALPH", b"VP8X"}
_ONLY_ALPHA = 0x10


def is_bare_jpeg(data: bytes) -> bool:
    """Whether it is a baseline JPEG of tables and pixels alone, which end with the file."""
    if not data.startswith(_JFIF):
        return False
    position, marker = _JFIF_BYTES, 0
    while marker != _SOS:
        if position + 4 > min(len(data), _LONGEST_HEADER):
            return False
        marker, length = unpack_from(">HH", data, position)
        if marker not in {_DQT, _SOF0, _DHT, _SOS}:
            return False
        position += 2 + length
    end = _MARKER.search(data, position)
    return end is not None and end[0] == _END and end.end() == len(data)


def is_bare_webp(data: bytes) -> bool:
    """Whether it is a still WebP of pixels alone, which end with the file."""
    if (
        data[:4] != b"RIFF"
        or data[8:12] != b"WEBP"
        or len(data) != 8 + unpack_from("<I", data, 4)[0]
    ):
        return False
    names, position = [], 12
    while position + 8 <= len(data):
        name, length = unpack_from("<4sI", data, position)
        if name == b"VP8X" and data[position + 8 : position + 9] != bytes([_ONLY_ALPHA]):
            return False
        names.append(name)
        position += 8 + length + length % 2
    return position == len(data) and {*names} <= _WEBP_CHUNKS and len({*names}) == len(names)
