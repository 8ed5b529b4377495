"""Load files that Kerafold wrote with real Keras: spec/golden/saved.json says which bytes, and what they compute.

Needs Node and the repository's node_modules: the files are written anew by saved.ts.
"""

import common
import models  # noqa: F401  registers kerafold_tests>Scale

import pathlib
import subprocess
import tempfile

import keras
import numpy as np

WRITE = ["npx", "tsx", "--conditions=kerafold-source", "scripts/goldens/saved.ts"]
# Kerafold writes custom classes under Keras' default package.
keras.saving.register_keras_serializable()(models.Scale)


def hard_sigmoid_keras2(x):
    """What hard_sigmoid meant in Keras 2: a function that Keras 3 must be given."""
    return keras.ops.clip(0.2 * x + 0.5, 0, 1)


keras.saving.get_custom_objects()["hard_sigmoid_keras2"] = hard_sigmoid_keras2


def main():
    random = common.rng()
    cases = []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*WRITE, folder], check=True, cwd=common.ROOT)
        for path in sorted(pathlib.Path(folder).glob("*.keras")):
            keras.backend.clear_session()
            model = keras.saving.load_model(path)
            inputs = models.make_inputs(model, random)
            nest = models.as_structure(model, inputs)
            outputs = models.flat(model(nest, training=False))
            # The weights alone say the same.
            weights = path.with_name(path.name.replace(".keras", ".weights.h5"))
            values = [np.array(v) for v in model.get_weights()]
            for weight in model.weights:
                weight.assign(np.zeros(weight.shape, weight.dtype))
            model.load_weights(weights)
            for got, want in zip(model.get_weights(), values, strict=True):
                np.testing.assert_array_equal(got, want)
            # What Keras writes of what it read, it reads again.
            again = path.with_name(f"again_{path.name}")
            model.save(again)
            for got, want in zip(models.flat(keras.saving.load_model(again)(nest, training=False)), outputs, strict=True):
                np.testing.assert_array_equal(got, want)
            cases.append(
                {
                    "name": path.name.replace(".keras", ""),
                    "sha256": common.sha256(path),
                    "weights_sha256": common.sha256(weights),
                    "layers": [layer.name for layer in model.layers],
                    "input_keys": models.input_keys(model),
                    "inputs": common.tensors(inputs),
                    "outputs": common.tensors(outputs),
                }
            )
    common.write(common.GOLDEN / "saved.json", __file__, cases)


if __name__ == "__main__":
    main()
