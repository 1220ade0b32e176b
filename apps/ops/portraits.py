"""Drawn portraits of the invented people of `make demo`: SVG from a few features, as PNG files.

`python -m apps.ops.portraits` draws them again; they show no real person.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from PIL import Image

SIZE = 400  # pixels; pages show 300 at most
_FOLDER = Path(__file__).parent / "demo_data" / "edition" / "photos"
_COLOURS = 64  # of the palette of a PNG


class Look(NamedTuple):
    """Features of a portrait; hair, clothes, beard and extras are names of the drawings below."""

    skin: str
    hair_colour: str
    hair: str
    background: tuple[str, str]
    clothes: tuple[str, str, str]  # kind, colour, colour of the collar
    beard: str = ""
    extras: tuple[str, ...] = ()
    lips: str = "#8a3a33"


LOOKS = {
    "morag-achterberg": Look(
        "#f3cdb4", "#a8502f", "bob", ("#d5e3dc", "#bcd2c7"), ("blazer", "#2f5d50", "#f1ece2")
    ),
    "olumide-farrant": Look(
        "#7a4a31",
        "#1d1715",
        "short",
        ("#f2dfc4", "#e6c99b"),
        ("shirt", "#e9eef2", "#c3ced8"),
        beard="short",
        extras=("glasses",),
        lips="#c4695a",
    ),
    "hye-jin-baekson": Look(
        "#f4d3b5", "#221d1f", "long", ("#dfe0f0", "#c6c8e4"), ("crew", "#5a5e9a", "#474b82")
    ),
    "leocadia-montsant": Look(
        "#e2ae88",
        "#3a2418",
        "waves",
        ("#f4dcd3", "#e7bfb0"),
        ("blazer", "#8c3f3a", "#f6efe6"),
        extras=("earrings",),
    ),
    "rashid-harbawi": Look(
        "#c08a60",
        "#2a1f1b",
        "parted",
        ("#cfe3e6", "#aecfd4"),
        ("shirt", "#3c6e79", "#2f5963"),
        beard="full",
        lips="#d08370",
    ),
    "thandeka-mkhonza-reid": Look(
        "#5f3826",
        "#17110f",
        "round",
        ("#f3e3b3", "#e6cb7d"),
        ("crew", "#b4532f", "#963f20"),
        extras=("earrings",),
        lips="#c4695a",
    ),
    "jussi-kaarnaluoto": Look(
        "#f6d8c3",
        "#d8b377",
        "tousled",
        ("#d9e4ee", "#bccfe0"),
        ("crew", "#3d5673", "#2f445d"),
        beard="stubble",
    ),
    "priyamvada-sundarajan": Look(
        "#a56d45",
        "#1c1412",
        "bun",
        ("#ecdcea", "#d9bed6"),
        ("shirt", "#6d3f70", "#57305a"),
        extras=("glasses", "earrings"),
    ),
    "etienne-lacombrade": Look(
        "#eec3a2",
        "#9b978f",
        "receding",
        ("#dfe5d2", "#c5d0ae"),
        ("blazer", "#4a4f45", "#fbfaf5"),
        beard="moustache",
        extras=("glasses",),
    ),
}

_BEHIND = {  # the head
    "bob": "M118 170 C112 70 288 70 282 170 L286 246 C270 258 130 258 114 246 Z",
    "long": "M120 165 C116 66 284 66 280 165 L290 330 C260 345 140 345 110 330 Z",
    "waves": "M122 160 C110 60 290 60 278 160 C302 190 276 214 300 246 C312 282 284 300 262 296 "
    "L138 296 C116 300 88 282 100 246 C124 214 98 190 122 160 Z",
    "round": "M200 40 C290 40 308 120 296 172 C292 214 264 226 200 226 C136 226 108 214 104 172 "
    "C92 120 110 40 200 40 Z",
    "bun": "M200 26 a36 34 0 1 1 -.1 0 Z M126 168 C122 72 278 72 274 168 L268 200 L132 200 Z",
}
_IN_FRONT = {
    "bob": "M136 176 C132 120 160 108 196 106 C226 122 258 126 266 176 C280 92 246 76 200 76 "
    "C154 76 120 92 136 176 Z",
    "long": "M136 182 C142 130 174 122 200 92 C226 122 258 130 264 182 C278 96 246 74 200 74 "
    "C154 74 122 96 136 182 Z",
    "waves": "M135 178 C140 138 150 112 224 104 C244 124 262 140 265 178 C280 92 244 74 200 74 "
    "C156 74 120 92 135 178 Z",
    "round": "M136 164 C134 122 160 104 200 104 C240 104 266 122 264 164 C276 96 244 70 200 70 "
    "C156 70 124 96 136 164 Z",
    "bun": "M136 166 C140 124 166 112 200 98 C234 112 260 124 264 166 C276 92 242 74 200 74 "
    "C158 74 124 92 136 166 Z",
    "short": "M137 158 C138 126 148 116 164 112 C188 106 212 106 236 112 C252 116 262 126 263 158 "
    "C276 96 246 76 200 76 C154 76 124 96 137 158 Z",
    "parted": "M136 160 C138 132 148 124 160 116 C190 128 232 122 246 112 C256 124 262 138 264 160 "
    "C282 96 250 66 206 70 C150 62 122 98 136 160 Z",
    "tousled": "M136 162 C138 134 150 132 158 116 C170 128 182 112 192 120 C204 108 220 126 232 "
    "114 C246 126 260 136 264 162 C284 116 268 86 244 82 C236 62 206 74 196 64 C176 58 164 78 152 "
    "80 C122 92 120 126 136 162 Z",
    "receding": "M137 176 C136 150 140 134 150 120 C138 122 132 140 131 160 Z M263 176 C264 150 "
    "260 134 250 120 C262 122 268 140 269 160 Z M150 122 C158 98 178 92 200 92 C222 92 242 98 250 "
    "122 C250 84 224 76 200 76 C176 76 150 84 150 122 Z",
}
_BEARDS = {
    "full": "M137 176 C138 250 168 270 200 270 C232 270 262 250 263 176 C258 206 244 212 226 208 "
    "C212 202 188 202 174 208 C156 212 142 206 137 176 Z",
    "short": "M138 186 C142 246 170 264 200 264 C230 264 258 246 262 186 C258 226 240 236 222 222 "
    "C210 214 190 214 178 222 C160 236 142 226 138 186 Z",
    "stubble": "M139 190 C144 244 172 260 200 260 C228 260 256 244 261 190 C256 224 236 228 222 "
    "214 C210 208 190 208 178 214 C164 228 144 224 139 190 Z",
    "moustache": "M168 217 C176 203 192 204 200 209 C208 204 224 203 232 217 C222 220 208 218 200 "
    "215 C192 218 178 220 168 217 Z",
}
_COLLARS = {
    "blazer": '<path d="M172 284 L200 352 L228 284 Z" fill="{collar}"/>'
    '<path d="M150 286 L174 278 L202 356 L188 400 Z M250 286 L226 278 L198 356 L212 400 Z" '
    'fill="{clothes}"/><path d="M172 284 L194 352 M228 284 L206 352" stroke="#0003" '
    'stroke-width="3" fill="none"/>',
    "shirt": '<path d="M166 280 L200 316 L182 334 L154 292 Z M234 280 L200 316 L218 334 L246 292 Z" '
    'fill="{collar}"/><path d="M200 318 V400" stroke="#0002" stroke-width="3"/>',
    "crew": '<path d="M156 286 C166 322 234 322 244 286 L232 280 C224 304 176 304 168 280 Z" '
    'fill="{collar}"/>',
}
_EXTRAS = {
    "glasses": '<g fill="#fff1" stroke="#2b2b2b" stroke-width="4"><circle cx="174" cy="170" r="20"/>'
    '<circle cx="226" cy="170" r="20"/><path d="M194 168 Q200 163 206 168 M154 167 L138 162 '
    'M246 167 L262 162" fill="none"/></g>',
    "earrings": '<g fill="#e9b949"><circle cx="135" cy="203" r="5.5"/>'
    '<circle cx="265" cy="203" r="5.5"/></g>',
}


def portrait_svg(look: Look) -> str:
    """A drawing of head and shoulders."""
    light, dark = look.background
    kind, clothes, collar = look.clothes
    hair, skin = look.hair_colour, look.skin
    beard = _BEARDS.get(look.beard, "")
    opacity = 0.35 if look.beard == "stubble" else 1
    return "".join(
        (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="36 14 328 328">',
            f'<rect width="400" height="400" fill="{light}"/>',
            f'<circle cx="200" cy="216" r="168" fill="{dark}"/>',
            f'<path d="{_BEHIND.get(look.hair, "")}" fill="{hair}"/>',
            f'<path fill="{clothes}" '
            'd="M44 400 C46 318 120 296 168 282 L232 282 C280 296 354 318 356 400 Z"/>',
            f'<path d="M172 232 V282 C180 306 220 306 228 282 V232 Z" fill="{skin}"/>',
            '<path d="M172 246 C184 268 216 268 228 246 V262 C214 282 186 282 172 262 Z" fill="#0002"/>',
            _COLLARS[kind].format(clothes=clothes, collar=collar),
            f'<g fill="{skin}"><ellipse cx="136" cy="180" rx="11" ry="16"/>'
            '<ellipse cx="264" cy="180" rx="11" ry="16"/>',
            '<path d="M136 160 C136 104 164 82 200 82 C236 82 264 104 264 160 '
            'C264 228 236 262 200 262 C164 262 136 228 136 160 Z"/></g>',
            '<g fill="#e0705a" opacity=".17"><circle cx="160" cy="204" r="15"/>'
            '<circle cx="240" cy="204" r="15"/></g>',
            f'<path d="{beard}" fill="{hair}" opacity="{opacity}"/>',
            f'<path d="{_IN_FRONT[look.hair]}" fill="{hair}"/>',
            f'<g fill="none" stroke="{hair}" stroke-width="5" stroke-linecap="round">'
            '<path d="M161 148 Q174 140 187 147 M213 147 Q226 140 239 148"/></g>',
            '<g fill="#241c1a"><ellipse cx="174" cy="170" rx="5.5" ry="6.5"/>'
            '<ellipse cx="226" cy="170" rx="5.5" ry="6.5"/></g>',
            '<g fill="#fff9"><circle cx="176" cy="168" r="1.8"/><circle cx="228" cy="168" r="1.8"/></g>',
            '<path d="M201 176 Q190 198 203 199" fill="none" stroke="#0004" stroke-width="4" '
            'stroke-linecap="round"/>',
            '<path d="M178 224 Q200 243 222 224" fill="none" '
            f'stroke="{look.lips}" stroke-width="5" '
            'stroke-linecap="round"/>',
            *(_EXTRAS[name] for name in look.extras),
            "</svg>",
        )
    )


def portrait_png(look: Look) -> bytes:
    """The drawing as a small PNG."""
    import resvg_py  # as in core/svg.py: only when something is drawn

    png = bytes(
        resvg_py.svg_to_bytes(
            svg_string=portrait_svg(look), width=SIZE, height=SIZE, skip_system_fonts=True
        )
    )
    target = BytesIO()
    Image.open(BytesIO(png)).convert("RGB").quantize(_COLOURS).save(target, "PNG", optimize=True)
    return target.getvalue()


def draw_portraits(folder: Path = _FOLDER) -> None:
    """Write a file for each of the people, named as in people.yaml."""
    folder.mkdir(exist_ok=True)
    for slug, look in LOOKS.items():
        (folder / f"{slug}.png").write_bytes(portrait_png(look))


if __name__ == "__main__":
    draw_portraits()
