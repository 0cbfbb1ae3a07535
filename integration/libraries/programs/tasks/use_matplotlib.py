"""matplotlib without a display."""


def draws():
    import hashlib
    import io

    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(4, 3))
    axes.plot(range(10), [n * n for n in range(10)], label="squares")
    axes.legend()
    figure.canvas.draw()
    pixels = hashlib.sha256(bytes(figure.canvas.buffer_rgba())).hexdigest()
    file = io.BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    pyplot.close(figure)
    return [pixels[:16], file.getvalue().count(b"<path")]
