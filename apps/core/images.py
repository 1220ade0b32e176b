"""Photos: what is let in, and what is made of them."""

import secrets

from imagefield.processing_pillow import register_pillow

SQUARE = 150  # CSS pixels; twice that is made for dense screens


def random_photo_name(instance, filename: str) -> str:
    """A name that tells nothing about the person and cannot be guessed."""
    return f"photos/{secrets.token_hex(12)}.{filename.rsplit('.', 1)[-1].lower()}"


@register_pillow
def save_as(get_image, image_format: str, quality: int):
    """Encodes as `image_format` (Pillow's name) at `quality`."""

    def processor(image, context):
        context.save_kwargs["format"] = image_format
        image = get_image(image, context)
        context.save_kwargs["quality"] = quality
        return image.convert("RGB")

    return processor


def _square(image_format: str, extension: str, quality: int, size: int):
    def spec(fieldfile, context) -> None:
        context.extension = extension
        context.processors = [("save_as", image_format, quality), ("crop", (size, size))]

    return spec


SQUARES = {
    f"{name}_{scale}x": _square(image_format, extension, quality, SQUARE * scale)
    for name, image_format, extension, quality in (
        ("avif", "AVIF", ".avif", 55),
        ("webp", "WEBP", ".webp", 72),
        ("jpeg", "JPEG", ".jpg", 78),
    )
    for scale in (1, 2)
}
