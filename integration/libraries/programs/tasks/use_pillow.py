"""Pillow: images in memory."""


def _image():
    from PIL import Image

    return Image.linear_gradient("L").resize((640, 480), Image.Resampling.LANCZOS).convert("RGB")


def writes_and_reads():
    import hashlib
    import io

    from PIL import Image

    found = []
    for kind in ("PNG", "BMP", "WEBP"):
        file = io.BytesIO()
        _image().save(file, kind, **({"lossless": True} if kind == "WEBP" else {}))
        found.append(hashlib.sha256(Image.open(io.BytesIO(file.getvalue())).tobytes()).hexdigest()[:12])
    return found


def filters_in_threads():
    import hashlib
    from concurrent.futures import ThreadPoolExecutor

    from PIL import ImageFilter

    with ThreadPoolExecutor(4) as pool:
        blurred = pool.map(lambda n: _image().filter(ImageFilter.GaussianBlur(n)).tobytes(), range(1, 5))
        return [hashlib.sha256(item).hexdigest()[:12] for item in blurred]
