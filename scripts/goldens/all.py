"""Make every golden file again, each by its own script."""

import os
import pathlib
import subprocess
import sys

SCRIPTS = [
    "digits",
    "digits_cnn",
    "names",
    "models",
    "networks",
    "mobilenet",
    "h5files",
    "summaries",
    "layers",
    "spatial",
    "features",
    "lambdas",
    "activations",
    "parts",
    "ops",
    "npy",
    "saved",
]


def main():
    here = pathlib.Path(__file__).resolve().parent
    for name in SCRIPTS:
        # Some messages of Keras print sets: a fixed hash seed keeps their order.
        subprocess.run(
            [sys.executable, str(here / f"{name}.py")], check=True, env={**os.environ, "PYTHONHASHSEED": "0"}
        )


if __name__ == "__main__":
    main()
