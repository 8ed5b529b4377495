"""Save small real files of Keras 2 (tf-keras) and what it computes with them: spec/golden/legacy/.

Needs an environment of its own, with tensorflow-cpu and tf-keras: see README.md.
"""

import hashlib
import json
import os
import pathlib

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py  # noqa: E402
import numpy as np  # noqa: E402
import tf_keras as keras  # noqa: E402

layers = keras.layers
OUT = pathlib.Path(__file__).resolve().parents[2] / "spec" / "golden" / "legacy"
SEED = 20240607


def number(value):
    """The shortest digits that round-trip float32."""
    return float(str(np.float32(value)))


def tensor(value):
    array = np.asarray(value)
    kind = "int32" if array.dtype.kind in "iu" else "float32"
    data = [int(v) if kind == "int32" else number(v) for v in array.reshape(-1)]
    return {"dtype": kind, "shape": list(array.shape), "data": data}


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def stack():
    """Activations that have changed their names, a BatchNormalization, an optimizer's state."""
    model = keras.Sequential(
        [
            layers.Dense(5, activation="hard_sigmoid", input_shape=(4,)),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Dropout(0.2),
            layers.Dense(4, activation="swish", kernel_regularizer="l2", kernel_initializer="he_normal"),
            layers.PReLU(),
            layers.ThresholdedReLU(theta=0.1),
            layers.Dense(3, activation="softmax"),
        ],
        name="stack",
    )
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    model.fit(np.ones((4, 4), "float32"), np.eye(3, dtype="float32")[[0, 1, 2, 0]], verbose=0)
    return model


def nested():
    """Models in models, called several times, with and without inputs of their own."""
    a = keras.Input((4,), name="a")
    deferred = keras.Sequential([layers.Dense(4, activation="tanh")], name="deferred")
    given = keras.Sequential([layers.Dense(4, input_shape=(4,)), layers.ELU(0.5)], name="given")
    inner = keras.Input((4,))
    normal = layers.BatchNormalization()(layers.Dense(4)(inner))
    block = keras.Model(inner, layers.Activation("relu")(normal), name="block")
    x = block(given(deferred(a)))
    y = deferred(block(x))
    both = layers.Add(name="both")([x, y])
    return keras.Model(a, [layers.Dense(2, name="head")(both), y], name="nested")


def frozen():
    """A layer frozen inside a nested model: Keras writes its weights behind the others."""
    inner = keras.Input((3,))
    first, second = layers.Dense(3, activation="tanh", name="first"), layers.Dense(3, name="second")
    core = keras.Model(inner, second(layers.BatchNormalization(name="norm")(first(inner))), name="core")
    first.trainable = False
    a = keras.Input((3,), name="a")
    return keras.Model(a, layers.Dense(2, name="head")(core(a)), name="frozen")


def shapes():
    """Shape layers, a mask, merges of two inputs."""
    a, b = keras.Input((4, 3), name="a"), keras.Input((4, 3), name="b")
    x = layers.Dense(3)(layers.Masking(mask_value=0.0)(a))
    parts = [layers.Multiply()([x, b]), layers.Subtract()([x, b]), layers.Average()([x, b]), layers.Maximum()([x, b])]
    joined = layers.Concatenate(axis=1)(parts)
    y = layers.Flatten()(layers.Permute((2, 1))(layers.Reshape((8, 6))(joined)))
    z = layers.RepeatVector(2)(layers.Dense(3, use_bias=False)(layers.Flatten()(layers.SpatialDropout1D(0.3)(b))))
    return keras.Model([a, b], [layers.Dense(2)(y), z], name="shapes")


def convolutions():
    """Every kind of kernel."""
    a = keras.Input((6, 6, 2), name="a")
    x = layers.BatchNormalization()(layers.Conv2D(3, 3, padding="same", activation="relu")(a))
    x = layers.DepthwiseConv2D(2, depth_multiplier=2, padding="same")(x)
    x = layers.MaxPooling2D()(layers.SeparableConv2D(4, 3, padding="same")(x))
    x = layers.Conv2DTranspose(2, 2, strides=2)(x)
    return keras.Model(a, layers.Dense(3)(layers.GlobalAveragePooling2D()(x)), name="convolutions")


# name: (builder, endings)
MODELS = {
    "stack": (stack, [".h5", ".weights-only.h5"]),
    "nested": (nested, [".h5", ".weights-only.h5", ".keras"]),
    "frozen": (frozen, [".h5"]),
    "shapes": (shapes, [".h5"]),
    "convolutions": (convolutions, [".h5"]),
}


def save(model, path):
    if path.name.endswith(".weights-only.h5"):
        model.save_weights(path)
    else:
        model.save(path)


def rewrite_as_2_2(source, target):
    """The layout that Keras 2.2 wrote with h5py 2: fixed-length byte strings; lists cut into several attributes."""
    with h5py.File(source) as old, h5py.File(target, "w") as new:

        def strings(value):
            return np.asarray([str(v).encode() for v in value], dtype="S") if isinstance(value, np.ndarray) else value

        def copy(a, b):
            for key, value in a.attrs.items():
                if key == "keras_version":
                    value = "2.2.4"
                if isinstance(value, str):
                    b.attrs[key] = np.bytes_(value.encode())
                elif key == "layer_names" and len(value) > 2:
                    b.attrs["layer_names0"], b.attrs["layer_names1"] = strings(value[:2]), strings(value[2:])
                elif len(value):
                    b.attrs[key] = strings(value)
                else:
                    b.attrs[key] = value
            for name, item in a.items():
                if isinstance(item, h5py.Group):
                    copy(item, b.create_group(name))
                else:
                    b.create_dataset(name, data=item[...])

        copy(old, new)


def rewrite_as_theano(source, target):
    """What Keras 2 wrote on Theano, which convolves where TensorFlow correlates: kernels turned round."""
    with h5py.File(source) as old, h5py.File(target, "w") as new:
        for key, value in old.attrs.items():
            new.attrs[key] = value
        new.attrs["backend"] = "theano"
        old.copy("model_weights", new)
        new["model_weights"].attrs["backend"] = "theano"
        for name in ["conv2d/conv2d/kernel:0", "conv2d_transpose/conv2d_transpose/kernel:0"]:
            kernel = new["model_weights"][name]
            kernel[...] = kernel[...][::-1, ::-1]


def main():
    random = np.random.default_rng(SEED)
    OUT.mkdir(parents=True, exist_ok=True)
    cases = []
    for name, (builder, endings) in MODELS.items():
        keras.backend.clear_session()
        keras.utils.set_random_seed(SEED)
        model = builder()
        for weight in model.weights:
            low = 0.5 if "variance" in weight.name else -1.0
            weight.assign(random.uniform(low, 1.5 if low > 0 else 1.0, weight.shape).astype("float32"))
        inputs = [random.uniform(-1, 1, (3, *spec.shape[1:])).astype("float32").round(4) for spec in model.inputs]
        outputs = model(inputs if len(inputs) > 1 else inputs[0], training=False)
        outputs = [np.asarray(v) for v in (outputs if isinstance(outputs, list) else [outputs])]
        files = []
        for ending in endings:
            path = OUT / f"{name}{ending}"
            save(model, path)
            files.append(path)
        if name == "nested":
            path = OUT / "nested.keras-2-2.h5"
            rewrite_as_2_2(OUT / "nested.h5", path)
            files.append(path)
        if name == "convolutions":
            path = OUT / "convolutions.theano.h5"
            rewrite_as_theano(OUT / "convolutions.h5", path)
            files.append(path)
        cases.append(
            {
                "name": name,
                "class_name": type(model).__name__,
                "layers": [{"name": layer.name, "params": int(layer.count_params())} for layer in model.layers],
                "files": [{"file": path.name, "sha256": sha256(path)} for path in files],
                "weights": [{"name": w.name, **tensor(w.numpy())} for w in model.weights],
                "inputs": [tensor(v) for v in inputs],
                "outputs": [tensor(v) for v in outputs],
            }
        )
        for path in files:
            assert path.stat().st_size < 90_000, (path, path.stat().st_size)
    body = {
        "keras": keras.__version__,
        "backend": "tensorflow",
        "script": pathlib.Path(__file__).name,
        "sha256": sha256(__file__),
        "cases": cases,
    }
    path = OUT / "tf_keras.json"
    path.write_text(json.dumps(body, separators=(",", ":"), allow_nan=False) + "\n")
    print(f"{path.name}: {len(cases)} cases, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
