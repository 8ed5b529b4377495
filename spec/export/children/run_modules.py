"""Runs each exported module of a folder on its inputs: N/model.wasm on N/in.K, results to N/out.K, all as bytes of memory."""

import sys
from array import array
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "examples" / "python"))
from kerafold_module import CODES, Model  # noqa: E402

for folder in Path(sys.argv[1]).iterdir():
    model = Model(folder / "model.wasm")
    slots = model.description["inputs"]
    inputs = {slot["name"]: array(CODES[slot["dtype"]], (folder / f"in.{k}").read_bytes()) for k, slot in enumerate(slots)}
    outputs = model.run(**inputs)
    for k, slot in enumerate(model.description["outputs"]):
        (folder / f"out.{k}").write_bytes(array(CODES[slot["dtype"]], outputs[slot["name"]]).tobytes())
