"""What happens to paper: it is scanned a little askew, turned, locked, or cut off in transfer."""

from __future__ import annotations

from io import BytesIO

import numpy
import pikepdf
import pypdfium2
from PIL import Image, ImageFilter

POINTS_PER_INCH = 72


def scan(document: bytes, dots_per_inch: int = 170, skew_degrees: float = 0.5, turned: bool = False) -> bytes:
    """The document as a grey scan without a text layer, each page a JPEG.

    ``turned`` lays each page on its side inside the picture; the page itself claims no rotation.
    """
    target = pikepdf.new()
    source = pypdfium2.PdfDocument(document)
    for number in range(len(source)):
        paper = source[number].render(scale=dots_per_inch / POINTS_PER_INCH, grayscale=True).to_pil()
        image = _photograph(paper, skew_degrees * (1 if number % 2 == 0 else -0.6), seed=number)
        if turned:
            image = image.transpose(Image.Transpose.ROTATE_90)
        _add_page(target, image, dots_per_inch)
    source.close()
    return _saved(target)


def _photograph(paper: Image.Image, skew_degrees: float, seed: int) -> Image.Image:
    """Askew, slightly soft, on paper that is not quite white, with the sensor's noise."""
    random = numpy.random.default_rng(seed)
    image = paper.rotate(skew_degrees, Image.Resampling.BICUBIC, fillcolor=250)
    image = image.filter(ImageFilter.GaussianBlur(0.5))
    light = numpy.asarray(image, dtype=numpy.float32) * 0.93 + 12
    shade = numpy.linspace(2, -6, light.shape[1], dtype=numpy.float32)
    noise = random.standard_normal(light.shape, dtype=numpy.float32) * 4
    return Image.fromarray(numpy.clip(light + shade + noise, 0, 255).astype(numpy.uint8))


def _add_page(target: pikepdf.Pdf, image: Image.Image, dots_per_inch: int) -> None:
    data = BytesIO()
    image.save(data, "JPEG", quality=62)
    width, height = (side * POINTS_PER_INCH / dots_per_inch for side in image.size)
    picture = pikepdf.Stream(
        target,
        data.getvalue(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=image.width,
        Height=image.height,
        ColorSpace=pikepdf.Name.DeviceGray,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    page = target.add_blank_page(page_size=(width, height))
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=picture))
    page.Contents = pikepdf.Stream(target, f"q {width:.2f} 0 0 {height:.2f} 0 0 cm /Scan Do Q".encode())


def _saved(target: pikepdf.Pdf) -> bytes:
    output = BytesIO()
    target.save(output, deterministic_id=True)
    return output.getvalue()


def cut_off(document: bytes) -> bytes:
    """A download that stopped at once: the right length, but zeros after the first bytes. Beyond repair."""
    return document[:64].ljust(len(document), b"\0")


def misdirected(document: bytes) -> bytes:
    """The last line says where the table of objects is; here it points nowhere. Readers can rebuild it."""
    return document[: document.rindex(b"startxref")] + b"startxref\n99\n%%EOF\n"
