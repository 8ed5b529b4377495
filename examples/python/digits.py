"""Recognises the digits of examples/digits with the exported model and compares with what Keras predicted.

    pip install -r examples/python/requirements.txt
    python examples/python/digits.py folder-of-the-export
"""

import sys
from array import array
from pathlib import Path

from kerafold_module import Model

digits = Path(__file__).parent.parent / "digits"
images = (digits / "images.bin").read_bytes()
labels = (digits / "labels.bin").read_bytes()
keras = array("f", (digits / "predictions.bin").read_bytes())

model = Model(Path(sys.argv[1]) / "model.wasm")
right, difference = 0, 0.0
for k, label in enumerate(labels):
    pixels = [value / 16 for value in images[64 * k : 64 * (k + 1)]]
    probabilities = model.run(pixels=pixels)["digit"]
    right += max(range(10), key=probabilities.__getitem__) == label
    difference = max(difference, *(abs(a - b) for a, b in zip(probabilities, keras[10 * k :])))
print(f"accuracy {right / len(labels):.4f}, largest difference from Keras {difference:.1e}")
