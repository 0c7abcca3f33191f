#!/usr/bin/env python3
"""Writes small image files, and what Pillow and `transformers` make of them and of pictures by chance, as checksums.

    pip install pillow==13.0.0 transformers==5.24.0
    python make_goldens.py

Output, all of it in this folder:
    files/          images of every format, with odd sizes, kinds of pixels and orientations
    decoded.json    for each file its pages: [width, height, CRC-32 of the RGB bytes], upright and over white
    resampled.json  [seed, width, height, channels, new width, new height, filter, CRC-32]; pictures are made of the seed
                    by a generator so small that golden_pictures.hpp has it too
    processors.json configurations, a picture each, and the CRC-32 of the float32 pixel values (channels first)
"""
import io
import json
import os
import shutil
import struct
import zlib

import numpy
from PIL import Image, ImageOps
from transformers.image_transforms import convert_to_rgb
from transformers.models.auto.image_processing_auto import get_image_processor_class_from_name

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = os.path.join(HERE, "files")
MASK = (1 << 64) - 1


class Random:
    """splitmix64; tests/support/golden_numbers.hpp has the same."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return (z ^ (z >> 31)) % bound


def picture(seed, width, height, channels):
    """Slopes, with noise or hard edges; golden_pictures.hpp has the same."""
    random = Random(seed)
    slope, kind = [random.below(9) for _ in range(2 * channels)], random.below(3)
    made = numpy.zeros((height, width, channels), numpy.uint8)
    for y in range(height):
        for x in range(width):
            for c in range(channels):
                value = x * slope[2 * c] + y * slope[2 * c + 1]
                if kind == 1:
                    value = random.below(256)
                elif kind == 2:
                    value = 255 if (value >> 5) & 1 else random.below(16)
                made[y, x, c] = value & 255
    return made


def pil(array):
    return Image.fromarray(array[:, :, 0] if array.shape[2] == 1 else array)


# Files that Pillow does not write.

def png(width, height, bits, colour, rows, interlaced=False, extra=()):
    """`rows(x0, y0, dx, dy)` gives the packed rows of every dx-th pixel."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    adam = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    lines = b"".join(b"\0" + row for part in (adam if interlaced else [(0, 0, 1, 1)]) for row in rows(*part))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlaced))
            + b"".join(chunk(*one) for one in extra) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


def packed(values, bits):
    """A row of numbers, most significant bits first."""
    if bits == 16:
        return struct.pack(">%dH" % len(values), *values)
    text = "".join(format(v, "0%db" % bits) for v in values)
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big") if text else b""


def png_of(samples, bits, colour, interlaced=False, extra=()):
    """`samples` is [height, width, samples of a pixel], of any size."""
    height, width = samples.shape[:2]

    def rows(x0, y0, dx, dy):
        part = samples[y0::dy, x0::dx]
        return [packed([int(v) for v in row.reshape(-1)], bits) for row in part] if part.shape[1] else []
    return png(width, height, bits, colour, rows, interlaced, extra)


def bmp(width, height, bits, pixels, palette=b"", compression=0, masks=b"", core=False):
    if core:
        head = struct.pack("<IHHHH", 12, width, abs(height), 1, bits)
    else:
        head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(pixels), 0, 0,
                           len(palette) // 4, 0)
    start = 14 + len(head) + len(masks) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + head + masks + palette + pixels


def bmp_rows(rows):
    return b"".join(row + b"\0" * (-len(row) % 4) for row in rows)


def tiff(width, height, bits, photometric, chunks, samples=1, order="<", tile=None, apart=False, extra=None,
         palette=None):
    """Uncompressed, with one strip for each plane, or tiles."""
    entries = [(256, 3, [width]), (257, 3, [height]), (258, 3, [bits] * samples), (259, 3, [1]),
               (262, 3, [photometric]), (277, 3, [samples]), (284, 3, [2 if apart else 1])]
    if tile:
        entries += [(322, 3, [tile]), (323, 3, [tile])]
    else:
        entries += [(278, 3, [height])]
    if extra is not None:
        entries += [(338, 3, [extra])]
    if palette is not None:
        entries += [(320, 3, palette)]
    places, counts = (324, 325) if tile else (273, 279)
    entries += [(places, 4, [0] * len(chunks)), (counts, 4, [len(chunk) for chunk in chunks])]
    entries.sort()
    behind = 8 + 2 + 12 * len(entries) + 4
    size = behind + sum(len(v) * (2 if t == 3 else 4) for _, t, v in entries if len(v) * (2 if t == 3 else 4) > 4)
    starts = [size + sum(len(chunk) for chunk in chunks[:k]) for k in range(len(chunks))]
    directory, more = b"", b""
    for tag, kind, values in entries:
        if tag == places:
            values = starts
        content = struct.pack(order + "%d%s" % (len(values), "H" if kind == 3 else "I"), *values)
        if len(content) > 4:
            content, more = struct.pack(order + "I", behind + len(more)), more + content
        directory += struct.pack(order + "HHI", tag, kind, len(values)) + content.ljust(4, b"\0")
    return ((b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, len(entries)) + directory
            + b"\0\0\0\0" + more + b"".join(chunks))


def saved(image, kind, **settings):
    out = io.BytesIO()
    image.save(out, kind, **settings)
    return out.getvalue()


def exif(orientation):
    made = Image.Exif()
    made[0x0112] = orientation
    return made.tobytes()


def jpegs():
    colours = pil(picture(11, 37, 29, 3))
    slopes = pil(picture(2, 53, 47, 3))
    for name, how in {"444": 0, "422": 1, "420": 2}.items():
        yield "rgb_%s.jpg" % name, saved(colours, "JPEG", quality=90, subsampling=how)
        yield "slopes_%s.jpg" % name, saved(slopes, "JPEG", quality=40, subsampling=how)
    yield "progressive.jpg", saved(colours, "JPEG", quality=80, progressive=True)
    yield "restarts.jpg", saved(slopes, "JPEG", quality=80, restart_marker_blocks=3)
    yield "stored_as_rgb.jpg", saved(colours, "JPEG", quality=80, keep_rgb=True)
    yield "grey.jpg", saved(pil(picture(3, 37, 29, 1)), "JPEG", quality=85)
    yield "grey_progressive.jpg", saved(pil(picture(4, 41, 9, 1)), "JPEG", quality=85, progressive=True)
    yield "cmyk.jpg", saved(Image.fromarray(picture(5, 37, 29, 4), "CMYK"), "JPEG", quality=90)
    yield "one_pixel.jpg", saved(pil(picture(6, 1, 1, 3)), "JPEG")
    yield "one_column.jpg", saved(pil(picture(7, 1, 33, 3)), "JPEG")
    for orientation in range(1, 9):
        yield "held_%d.jpg" % orientation, saved(pil(picture(8, 23, 14, 3)), "JPEG", exif=exif(orientation))


def pngs():
    yield "rgb.png", saved(pil(picture(11, 37, 29, 3)), "PNG")
    yield "slopes.png", saved(pil(picture(2, 53, 47, 3)), "PNG")
    yield "rgba.png", saved(pil(picture(12, 37, 29, 4)), "PNG")
    yield "grey_alpha.png", saved(Image.fromarray(picture(13, 37, 29, 2), "LA"), "PNG")
    yield "held.png", saved(pil(picture(8, 23, 14, 3)), "PNG", exif=exif(6))
    index = picture(15, 31, 23, 1)
    for bits in (1, 2, 4, 8):
        values = index & ((1 << bits) - 1)
        palette = picture(16, 1 << bits, 1, 3).tobytes()
        for interlaced in (False, True):
            end = "_interlaced.png" if interlaced else ".png"
            yield "palette_%d%s" % (bits, end), png_of(values, bits, 3, interlaced, [(b"PLTE", palette)])
            yield "grey_%d%s" % (bits, end), png_of(values, bits, 0, interlaced)
        through = picture(17, max(1, (1 << bits) // 2), 1, 1).tobytes()
        yield "palette_alpha_%d.png" % bits, png_of(values, bits, 3, False, [(b"PLTE", palette), (b"tRNS", through)])
        key = 0 if bits in (2, 4) else 1  # Pillow compares the key as it is with samples that it has scaled to 8 bits
        yield "grey_key_%d.png" % bits, png_of(values, bits, 0, False, [(b"tRNS", struct.pack(">H", key))])
    small = picture(18, 21, 13, 3) & 3
    yield "rgb_key.png", png_of(small, 8, 2, False, [(b"tRNS", struct.pack(">HHH", 1, 2, 1))])
    for interlaced in (False, True):
        end = "_interlaced.png" if interlaced else ".png"
        yield "rgb_8" + end, png_of(picture(19, 21, 13, 3), 8, 2, interlaced)
        yield "rgba_8" + end, png_of(picture(20, 21, 13, 4), 8, 6, interlaced)
        for colour, samples in {"grey": 1, "rgb": 3, "grey_alpha": 2, "rgba": 4}.items():
            wide = picture(21, 21, 13, samples).astype(numpy.uint16) * 256 + picture(22, 21, 13, samples)
            yield "%s_16%s" % (colour, end), png_of(wide, 16, {1: 0, 3: 2, 2: 4, 4: 6}[samples], interlaced)
    yield "thin_interlaced.png", png_of(picture(23, 2, 1, 3), 8, 2, True)


def webps():
    colours, alpha = pil(picture(2, 37, 29, 3)), pil(picture(12, 37, 29, 4))
    yield "lossy.webp", saved(colours, "WEBP", quality=70)
    yield "lossless.webp", saved(colours, "WEBP", lossless=True)
    yield "lossy_alpha.webp", saved(alpha, "WEBP", quality=70)
    yield "lossless_alpha.webp", saved(alpha, "WEBP", lossless=True, exact=True)
    yield "held.webp", saved(colours, "WEBP", quality=70, exif=exif(8))


def tiffs():
    modes = {"1": Image.fromarray(picture(31, 37, 29, 1)[:, :, 0]).convert("1"), "L": pil(picture(32, 37, 29, 1)),
             "RGB": pil(picture(33, 37, 29, 3)), "CMYK": Image.fromarray(picture(34, 37, 29, 4), "CMYK"),
             "RGBA": pil(picture(35, 37, 29, 4))}
    modes["P"] = modes["RGB"].quantize(17)
    for name, image in modes.items():
        for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
            yield "%s_%s.tif" % (name.lower(), compression), saved(image, "TIFF", compression=compression)
    yield "1_group4.tif", saved(modes["1"], "TIFF", compression="group4")
    yield "1_group3.tif", saved(modes["1"], "TIFF", compression="group3")
    yield "rgb_jpeg.tif", saved(pil(picture(2, 53, 47, 3)), "TIFF", compression="jpeg", quality=80)
    yield "grey_jpeg.tif", saved(modes["L"], "TIFF", compression="jpeg", quality=80)
    yield "ycbcr.tif", saved(modes["RGB"].convert("YCbCr"), "TIFF", compression="tiff_lzw")
    yield "pages.tif", saved(modes["RGB"], "TIFF", save_all=True, append_images=[modes["L"], modes["P"], modes["1"]])
    for orientation in range(2, 9):
        yield "held_%d.tif" % orientation, saved(pil(picture(8, 23, 14, 3)), "TIFF", tiffinfo={274: orientation})
    grey, rgb = picture(36, 21, 13, 1), picture(37, 37, 29, 3)
    for bits in (1, 2, 4):
        rows = b"".join(packed([int(v) & ((1 << bits) - 1) for v in row.reshape(-1)], bits) for row in grey)
        yield "grey_%d.tif" % bits, tiff(21, 13, bits, 1, [rows])
        yield "from_white_%d.tif" % bits, tiff(21, 13, bits, 0, [rows], order=">")
    yield "from_white_8.tif", tiff(21, 13, 8, 0, [grey.tobytes()])
    wide = grey.astype(numpy.uint16) * 256 + 77
    yield "grey_16.tif", tiff(21, 13, 16, 1, [wide[:, :, 0].astype("<u2").tobytes()])
    yield "grey_16_big.tif", tiff(21, 13, 16, 1, [wide[:, :, 0].astype(">u2").tobytes()], order=">")
    yield "planes.tif", tiff(37, 29, 8, 2, [rgb[:, :, c].tobytes() for c in range(3)], 3, apart=True)
    padded = numpy.zeros((32, 48, 3), numpy.uint8)
    padded[:29, :37] = rgb
    tiles = [padded[y:y + 16, x:x + 16].tobytes() for y in (0, 16) for x in (0, 16, 32)]
    yield "tiles.tif", tiff(37, 29, 8, 2, tiles, 3, tile=16)
    four = picture(38, 21, 13, 4)
    for extra, name in enumerate(("beside", "multiplied", "straight")):
        yield "alpha_%s.tif" % name, tiff(21, 13, 8, 2, [four.tobytes()], 4, extra=extra)


def bmps():
    modes = {"1": Image.fromarray(picture(41, 37, 29, 1)[:, :, 0]).convert("1"), "L": pil(picture(42, 37, 29, 1)),
             "RGB": pil(picture(43, 37, 29, 3)), "RGBA": pil(picture(44, 37, 29, 4))}
    modes["P"] = modes["RGB"].quantize(17)
    for name, image in modes.items():
        yield "%s.bmp" % name.lower(), saved(image, "BMP")
    index = picture(45, 13, 9, 1)
    colours = picture(46, 16, 1, 4).tobytes()
    four = bmp_rows([packed([int(v) & 15 for v in row.reshape(-1)], 4) for row in index])
    yield "palette_4.bmp", bmp(13, 9, 4, four, colours)
    yield "palette_4_from_top.bmp", bmp(13, -9, 4, four, colours)
    core = picture(47, 256, 1, 3).tobytes()
    yield "core_8.bmp", bmp(13, 9, 8, bmp_rows([row.tobytes() for row in index]), core, core=True)
    pixels = picture(48, 13, 9, 2)
    yield "555.bmp", bmp(13, 9, 16, bmp_rows([row.tobytes() for row in pixels]))
    yield "565.bmp", bmp(13, 9, 16, bmp_rows([row.tobytes() for row in pixels]), compression=3,
                         masks=struct.pack("<III", 0xf800, 0x7e0, 0x1f))


def expected(name, content):
    """Every page as Pillow has it, upright, and over white as `transformers` lays it; 16 bits cut to 8."""
    image = Image.open(io.BytesIO(content))
    pages = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        turned = ImageOps.exif_transpose(image)
        if turned.mode.startswith("I"):
            turned = Image.fromarray((numpy.array(turned) >> 8).astype(numpy.uint8))
        rgb = convert_to_rgb(turned, return_numpy=True)
        pages.append([rgb.shape[1], rgb.shape[0], zlib.crc32(numpy.ascontiguousarray(rgb).tobytes())])
    return pages


def decoded():
    shutil.rmtree(FILES, ignore_errors=True)
    os.makedirs(FILES)
    found = {}
    for makers in (jpegs, pngs, webps, tiffs, bmps):
        for name, content in makers():
            with open(os.path.join(FILES, name), "wb") as out:
                out.write(content)
            found[name] = expected(name, content)
    return found


def resampled():
    cases = []
    for number in range(360):
        random = Random(1000 + number)
        width, height = 1 + random.below(90), 1 + random.below(90)
        to_width, to_height = 1 + random.below(120), 1 + random.below(120)
        if number % 7 == 0:
            to_width = width
        if number % 11 == 0:
            to_height = height
        channels, by = 3 if number % 3 else 1, number % 6
        made = pil(picture(number, width, height, channels)).resize((to_width, to_height), by)
        cases.append([number, width, height, channels, to_width, to_height, by, zlib.crc32(made.tobytes())])
    return cases


def configurations():
    """Classes with their defaults, as old and new files have them, and what may be set otherwise, by chance."""
    classes = "ViT DeiT Beit CLIP Bit Siglip Blip Pvt ConvNext MobileNetV1 MobileNetV2 Detr".split()
    for name in classes:
        yield {"image_processor_type": name + "ImageProcessor"}
        yield {"image_processor_type": name + "ImageProcessor", "size": {"shortest_edge": 40, "longest_edge": 70}
               if name == "Detr" else {"shortest_edge": 33}}
        yield {"image_processor_type": name + "ImageProcessorFast", "size": 48}
    for number in range(120):
        random = Random(5000 + number)
        name = classes[random.below(len(classes))]
        made = {"image_processor_type": name + "ImageProcessor"}
        chance = lambda: random.below(2) == 0
        edges = lambda: {"height": 8 + random.below(60), "width": 8 + random.below(60)}
        shapes = [lambda: {"shortest_edge": 8 + random.below(60)}] if name == "ConvNext" else [
            edges, lambda: {"shortest_edge": 20 + random.below(30), "longest_edge": 50 + random.below(30)}]
        if name not in ("ConvNext", "Detr"):
            shapes.append(lambda: {"shortest_edge": 8 + random.below(60)})
        made["size"] = shapes[random.below(len(shapes))]()
        if chance():
            made["resample"] = random.below(6)
        if chance():
            made["do_center_crop"], made["crop_size"] = True, edges() if chance() else 8 + random.below(60)
        if name == "ConvNext" and chance():
            made["crop_pct"] = (50 + random.below(50)) / 100
        if random.below(5) == 0:
            made["do_resize"] = False
        if random.below(5) == 0:
            made["do_normalize"] = False
        if random.below(5) == 0:
            made["do_rescale"] = False
        if chance():
            made["rescale_factor"] = 1 / (100 + random.below(200))
        if chance():
            made["image_mean"] = [random.below(1000) / 1000 for _ in range(3)]
            made["image_std"] = [(1 + random.below(1000)) / 1000 for _ in range(3)]
        yield made


def processed():
    cases = []
    for number, configuration in enumerate(configurations()):
        random = Random(9000 + number)
        width, height = 10 + random.below(120), 10 + random.below(120)
        name = configuration["image_processor_type"].removesuffix("Fast") + "Pil"
        processor = get_image_processor_class_from_name(name).from_dict(configuration)
        values = processor(pil(picture(number, width, height, 3)), return_tensors="np")["pixel_values"][0]
        values = numpy.ascontiguousarray(values, dtype="<f4")
        cases.append({"configuration": configuration, "picture": [number, width, height],
                      "size": [values.shape[2], values.shape[1]], "values": zlib.crc32(values.tobytes())})
    return cases


def main():
    for name, made in (("decoded", decoded()), ("resampled", resampled()), ("processors", processed())):
        lines = ["%s: %s" % (json.dumps(k), json.dumps(v)) for k, v in made.items()] if isinstance(made, dict) else [
            json.dumps(one) for one in made]
        begin, end = "{}" if isinstance(made, dict) else "[]"
        with open(os.path.join(HERE, name + ".json"), "w") as out:
            out.write(begin + "\n" + ",\n".join(lines) + "\n" + end + "\n")


if __name__ == "__main__":
    main()
