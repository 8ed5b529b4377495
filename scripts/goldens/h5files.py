"""Save models of models.py as Keras 3 writes .h5, .weights.h5 and sharded weights: spec/golden/legacy/."""

import common
import models

import keras
from keras import layers

OUT = common.GOLDEN / "legacy"


def frozen():
    """A layer frozen inside a nested model: Keras writes its weights behind the others."""
    inner = keras.Input((3,))
    first, second = layers.Dense(3, activation="tanh", name="first"), layers.Dense(3, name="second")
    core = keras.Model(inner, second(layers.BatchNormalization(name="norm")(first(inner))), name="core")
    first.trainable = False
    a = keras.Input((3,), name="a")
    return keras.Model(a, layers.Dense(2, name="head")(core(a)), name="frozen")


# name: (builder, endings)
MODELS = {
    "k3_mlp": (models.mlp, [".h5", ".weights.h5"]),
    "k3_nested_mixed": (models.nested_mixed, [".h5", ".weights.h5"]),
    "k3_nested_functional": (models.nested_functional, [".h5"]),
    "k3_op_nodes": (models.op_nodes, [".h5"]),
    "k3_masking_chain": (models.masking_chain, [".h5"]),
    "k3_frozen": (frozen, [".h5", ".weights.h5"]),
}


def main():
    random = common.rng()
    OUT.mkdir(parents=True, exist_ok=True)
    cases = []
    for name, (builder, endings) in MODELS.items():
        keras.backend.clear_session()
        keras.utils.set_random_seed(common.SEED)
        model = builder()
        models.settle_weights(model, random)
        inputs = models.make_inputs(model, random)
        outputs = model(models.as_structure(model, inputs), training=False)
        paths = [OUT / f"{name}{ending}" for ending in endings]
        for path in paths:
            if path.name.endswith(".weights.h5"):
                model.save_weights(path)
            else:
                model.save(path)
        cases.append(
            {
                "name": name,
                "class_name": type(model).__name__,
                "layers": [{"name": layer.name, "params": int(layer.count_params())} for layer in model.layers],
                "files": [{"file": path.name, "sha256": common.sha256(path)} for path in paths],
                "inputs": common.tensors(inputs),
                "outputs": common.tensors(models.flat(outputs)),
            }
        )
    common.write(OUT / "keras_3.json", __file__, cases)


if __name__ == "__main__":
    main()
