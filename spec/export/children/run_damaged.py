"""Loads the module of every folder; prints the folder's name and what that gave, and then what run() says to wrong values."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "examples" / "python"))
from kerafold_module import Model  # noqa: E402


def told(what, attempt):
    try:
        attempt()
        print(f"{what}: accepted")
    except Exception as error:
        print(f"{what}: {type(error).__name__}: {error}".replace("\n", " "))


for folder in sorted(Path(sys.argv[1]).iterdir()):
    told(folder.name, lambda: Model(folder / "model.wasm"))

model = Model(Path(sys.argv[2]) / "model.wasm")
right = {"count": [1, 2], "flag": [True, False], "real": [0.5, 1.5]}
model.run(**right)
memory = bytes(model.memory.read(model.store))
wrong = {
    "nothing": {"real": None},
    "too few": {"real": [1]},
    "strings": {"real": ["1", "2"]},
    "no list": {"real": 3},
    "a fraction": {"count": [1, 0.5]},
    "a large number": {"count": [1, 2**31]},
    "raw bytes": {"real": bytes(8)},
}
for what, values in wrong.items():
    told(what, lambda: model.run(**{**{name: [0, 0] for name in right}, **values}))
    told(f"{what}, memory", lambda: None if bytes(model.memory.read(model.store)) == memory else 1 / 0)
told("right", lambda: model.run(**right))
