"""Charts as PNG images, drawn in a separate process."""
