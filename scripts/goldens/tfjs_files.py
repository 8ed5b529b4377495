"""Convert the .h5 files of spec/golden/legacy/ with TensorFlow.js' own converter: spec/golden/tfjs/.

Runs in the environment of tf_keras_files.py, with tensorflowjs installed without its dependencies: see README.md.
"""

import hashlib
import json
import os
import pathlib
import shutil
import sys
from unittest import mock

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# The package imports converters of other formats, and what they need.
for name in ["tensorflow_decision_forests", "tensorflow_hub", "jax", "jax.experimental", "jax.experimental.jax2tf"]:
    sys.modules[name] = mock.MagicMock()

from tensorflowjs import version  # noqa: E402
from tensorflowjs.converters import keras_h5_conversion  # noqa: E402

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "spec" / "golden"
OUT = GOLDEN / "tfjs"

# folder: (source, quantization {dtype: weight names}, bytes per shard)
MODELS = {
    "nested": ("nested", None, 100),
    "stack_uint8": ("stack", {"uint8": "*"}, 4096),
    "stack_uint16": ("stack", {"uint16": "*"}, 51),
    "stack_float16": ("stack", {"float16": "*"}, 4096),
    "k3_mlp": ("k3_mlp", None, 4096),
    "k3_nested_functional": ("k3_nested_functional", None, 4096),
}


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    cases = []
    for folder, (source, quantization, shard) in MODELS.items():
        model, groups = keras_h5_conversion.h5_merged_saved_model_to_tfjs_format(
            str(GOLDEN / "legacy" / f"{source}.h5"), split_by_layer=folder == "nested"
        )
        path = OUT / folder
        path.mkdir(parents=True)
        keras_h5_conversion.write_artifacts(
            model, groups, str(path), quantization, weight_shard_size_bytes=shard, metadata={}
        )
        files = sorted(path.iterdir())
        cases.append(
            {"folder": folder, "source": source, "files": [{"file": f.name, "sha256": sha256(f)} for f in files]}
        )
        assert sum(f.stat().st_size for f in files) < 30_000, path
    body = {
        "tensorflowjs": version.version,
        "script": pathlib.Path(__file__).name,
        "sha256": sha256(pathlib.Path(__file__)),
        "cases": cases,
    }
    (OUT / "tfjs.json").write_text(json.dumps(body, separators=(",", ":")) + "\n")
    print(f"tfjs.json: {len(cases)} cases")


if __name__ == "__main__":
    main()
