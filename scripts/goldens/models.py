"""Save small real .keras files and what Keras computes with them: spec/golden/models/."""

import common
import io
import json
import zipfile

import keras
import numpy as np
from keras import layers

OUT = common.GOLDEN / "models"


@keras.saving.register_keras_serializable("kerafold_tests")
class Scale(layers.Layer):
    """A custom layer with one weight and one argument."""

    def __init__(self, factor=2.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, input_shape):
        self.amount = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="amount")

    def call(self, inputs):
        return inputs * self.amount * self.factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


def mlp():
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(8, activation="relu"),
            layers.Dropout(0.25, seed=3),
            layers.Dense(5, activation="tanh", use_bias=False),
            layers.Dense(3, activation="softmax"),
        ],
        name="mlp",
    )


def lazy_sequential():
    """A Sequential without Input, built by its first call."""
    model = keras.Sequential([layers.Dense(4, activation="elu"), layers.Dense(2)], name="lazy")
    model(np.zeros((1, 3), "float32"))
    return model


def shared_dense():
    a, b = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    dense = layers.Dense(3, activation="sigmoid", name="shared")
    x, y = dense(a), dense(b)
    both = layers.Concatenate(name="both")([x, y])
    return keras.Model(
        [a, b], [layers.Dense(2, name="head")(both), layers.Subtract(name="gap")([x, y])], name="shared_dense"
    )


def nested_functional():
    def inner(name, inside=None):
        a = keras.Input((5,))
        x = layers.Dense(5, activation="relu")(a)
        return keras.Model(a, inside(x) if inside else layers.Dense(5)(x), name=name)

    deep = inner("middle", inner("core"))
    a, b = keras.Input((5,), name="a"), keras.Input((5,), name="b")
    x, y = deep(a), deep(b)
    return keras.Model([a, b], layers.Add()([layers.Dense(5, name="post")(x), y]), name="nested_functional")


def nested_sequential():
    core = keras.Sequential(
        [keras.Input((4,)), layers.Dense(4, activation="tanh"), layers.BatchNormalization()], name="core"
    )
    middle = keras.Sequential([keras.Input((4,)), layers.Dense(4), core, layers.ReLU()], name="middle")
    return keras.Sequential([keras.Input((3,)), layers.Dense(4), middle, layers.Dense(2)], name="outer")


def nested_mixed():
    """A Functional with several inputs and outputs, and a Sequential, inside a Functional; both called twice."""
    a, b = keras.Input((3,), name="p"), keras.Input((3,), name="q")
    pair = keras.Model([a, b], [layers.Add()([a, b]), layers.Dense(3)(a)], name="pair")
    stack = keras.Sequential([keras.Input((3,)), layers.Dense(3, activation="softplus")], name="stack")
    x, y = keras.Input((3,), name="x"), keras.Input((3,), name="y")
    first, second = pair([x, y])
    third, fourth = pair([stack(second), stack(first)])
    return keras.Model([x, y], [third, layers.Multiply()([fourth, first])], name="nested_mixed")


def masking_chain():
    a = keras.Input((5, 3), name="steps")
    x = layers.Masking(mask_value=0.0)(a)
    x = layers.Dense(4, activation="relu")(x)
    x = layers.Dropout(0.5)(x)
    x = layers.BatchNormalization()(x)
    x = layers.Activation("tanh")(x)
    return keras.Model(a, layers.Activation("softmax")(layers.Dense(4)(x)), name="masking_chain")


def masking_merge():
    a, b = keras.Input((4, 3), name="a"), keras.Input((4, 3), name="b")
    x, y = layers.Masking(mask_value=0.0)(a), layers.Masking(mask_value=-1.0)(b)
    added = layers.Add()([x, y])
    joined = layers.Concatenate(axis=-1)([x, y])
    product = layers.Multiply()([x, y])
    largest = layers.Maximum()([x, y])
    half = layers.Average()([x, b])
    outputs = [layers.Dense(2)(added), layers.Dense(2)(joined), product, largest, half]
    return keras.Model([a, b], outputs, name="masking_merge")


def batch_norms():
    a = keras.Input((4, 3), name="cells")
    x = layers.BatchNormalization(axis=-1, momentum=0.9)(a)
    x = layers.BatchNormalization(axis=1, epsilon=0.01, center=False)(x)
    x = layers.BatchNormalization(axis=2, scale=False, gamma_initializer="zeros")(x)
    x = layers.BatchNormalization(axis=1, trainable=False)(x)
    return keras.Model(a, layers.BatchNormalization(center=False, scale=False)(x), name="batch_norms")


def merges():
    a, b, c = (keras.Input((2, 3), name=n) for n in "abc")
    kinds = [layers.Add, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum]
    outputs = [kind()([a, b, c]) for kind in kinds] + [layers.Subtract()([a, b])]
    outputs += [layers.Concatenate(axis=1)([a, b, c]), layers.Concatenate()([c, a])]
    return keras.Model([a, b, c], outputs, name="merges")


def activations():
    a = keras.Input((3, 4), name="x")
    x = layers.Dense(4)(a)
    outputs = [
        layers.PReLU(alpha_initializer="ones")(x),
        layers.PReLU(shared_axes=[1], alpha_initializer="ones")(x),
        layers.ELU(alpha=0.7)(x),
        layers.LeakyReLU(negative_slope=0.1)(x),
        layers.ReLU(max_value=1.0, negative_slope=0.2, threshold=0.1)(x),
        layers.Softmax(axis=1)(x),
        layers.Softmax(axis=[1, 2])(x),
        layers.Activation("gelu")(x),
        layers.Activation(keras.activations.hard_silu)(x),
    ]
    return keras.Model(a, outputs, name="activations")


def shapes():
    a = keras.Input((2, 3, 4), name="x")
    x = layers.Permute((3, 1, 2))(a)
    x = layers.Reshape((-1, 6))(x)
    x = layers.Permute((2, 1))(x)
    x = layers.Flatten()(x)
    x = layers.Dense(5)(x)
    x = layers.RepeatVector(3)(x)
    x = layers.SpatialDropout1D(0.3)(x)
    x = layers.Reshape((5, 3))(x)
    return keras.Model(a, [x, layers.Flatten(data_format="channels_first")(a)], name="shapes")


def regularized():
    reg = keras.regularizers
    a = keras.Input((4,), name="x")
    dense = layers.Dense(
        3, kernel_regularizer=reg.L1L2(0.01, 0.02), bias_regularizer="l2", activity_regularizer=reg.L1(0.03)
    )
    x = dense(a)
    x = layers.BatchNormalization(gamma_regularizer=reg.L2(0.1), beta_regularizer=reg.L1(0.2))(x)
    x = layers.ActivityRegularization(l1=0.01, l2=0.02)(x)
    frozen = layers.Dense(4, kernel_regularizer=reg.L2(0.5), trainable=False, name="frozen")
    x = dense(frozen(x))
    x = layers.Dense(
        3, kernel_regularizer=reg.OrthogonalRegularizer(0.05, mode="columns"), kernel_constraint="unit_norm"
    )(x)
    return keras.Model(a, x, name="regularized")


def dict_inputs():
    a, b = keras.Input((3,), name="alpha"), keras.Input((2,), name="beta")
    x = layers.Concatenate()([a, b])
    outputs = {"sum": layers.Dense(1, name="sum")(x), "copy": layers.Activation("relu", name="copy")(a)}
    return keras.Model({"beta": b, "alpha": a}, outputs, name="dict_inputs")


def int_inputs():
    a = keras.Input((4,), dtype="int32", name="counts")
    x = layers.Reshape((2, 2))(a)
    return keras.Model(a, [layers.Dense(3)(x), layers.Flatten()(x)], name="int_inputs")


def unknown_time():
    a = keras.Input((None, 4), name="series")
    x = layers.Dense(3, activation="relu")(layers.Masking()(a))
    x = layers.SpatialDropout1D(0.2)(x)
    return keras.Model(a, [layers.Dense(2)(x), layers.Permute((2, 1))(layers.Dense(3)(a))], name="unknown_time")


def op_nodes():
    """Keras ops and operators as nodes of the graph."""
    ops = keras.ops
    a = keras.Input((4, 3), name="x")
    x = layers.Dense(3)(a * 2.0 - 0.5)
    mean = ops.mean(x, axis=1, keepdims=True)
    x = ops.relu(x - mean) + ops.square(a[:, ::2, :][:, :1])
    y = ops.concatenate([ops.max(x, axis=1), ops.sum(a, axis=1)], axis=-1)
    y = ops.where(ops.greater(y, 0.5), y, ops.exp(-y))
    z = ops.reshape(ops.transpose(a, (0, 2, 1)), (-1, 12))
    return keras.Model(a, [ops.softmax(y), ops.clip(z, -0.5, 0.5), ops.expand_dims(a[..., 0], -1)], name="op_nodes")


def middle_of_model():
    """Made from tensors in the middle of another graph: feature extraction."""
    a = keras.Input((4,), name="x")
    x = layers.Dense(5, activation="relu", name="first")(a)
    y = layers.Dense(3, name="second")(x)
    whole = keras.Model(a, layers.Dense(2, name="third")(y))
    return keras.Model(whole.get_layer("second").input, whole.get_layer("second").output, name="middle_of_model")


def compiled():
    model = mlp()
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="categorical_crossentropy", metrics=["accuracy"])
    model.fit(np.ones((4, 6), "float32"), np.eye(3, dtype="float32")[[0, 1, 2, 0]], verbose=0)
    return model


def mixed():
    """Half-precision compute, float32 variables."""
    a = keras.Input((4,), name="x")
    x = layers.Dense(3, dtype="mixed_float16", activation="relu")(a)
    return keras.Model(a, layers.Dense(2, dtype="float32")(x), name="mixed")


def lambdas():
    a = keras.Input((3,), name="x")
    # Compiled under a plain name: the bytecode in the file names its source.
    double = eval(compile("lambda t: t * 2 + 1", "lambda.py", "eval"))
    return keras.Model(a, layers.Lambda(double)(layers.Dense(3)(a)), name="lambdas")


def custom():
    a = keras.Input((3,), name="x")
    return keras.Model(a, Scale(3.0, name="scale")(layers.Dense(3)(a)), name="custom")


# file name: (builder, note)
MODELS = {
    "mlp": (mlp, "Sequential MLP"),
    "lazy": (lazy_sequential, "Sequential without Input, built by a call"),
    "compiled": (compiled, "trained one step; holds optimizer state and compile_config"),
    "shared_dense": (shared_dense, "one Dense called twice, two inputs, two outputs"),
    "nested_functional": (nested_functional, "Functional in Functional in Functional, called twice"),
    "nested_sequential": (nested_sequential, "Sequential in Sequential in Sequential"),
    "nested_mixed": (nested_mixed, "inner models with several inputs and outputs, called twice"),
    "masking_chain": (masking_chain, "a mask passed along a chain"),
    "masking_merge": (masking_merge, "two masked branches merged"),
    "batch_norms": (batch_norms, "BatchNormalization on several axes"),
    "merges": (merges, "every merge layer"),
    "activations": (activations, "activation layers"),
    "shapes": (shapes, "Permute, Reshape, Flatten, RepeatVector"),
    "regularized": (regularized, "weight and activity regularizers, one layer called twice, one frozen"),
    "dict_inputs": (dict_inputs, "inputs and outputs in dicts"),
    "int_inputs": (int_inputs, "int32 input"),
    "unknown_time": (unknown_time, "unknown time axis"),
    "op_nodes": (op_nodes, "ops and operators as graph nodes"),
    "middle_of_model": (middle_of_model, "built from the middle of another graph"),
    "mixed": (mixed, "mixed_float16 in one layer"),
    "lambda": (lambdas, "Python lambda: a loader must refuse it"),
    "custom": (custom, "registered custom layer kerafold_tests>Scale: output = x * amount * factor"),
}


def settle_weights(model, random):
    """Non-trivial weights; variances and the like stay positive."""
    for weight in model.weights:
        if "seed_generator" in weight.path:
            continue
        low = 0.5 if "variance" in weight.path else -1.0
        weight.assign(random.uniform(low, 1.5 if low > 0 else 1.0, weight.shape).astype("float32"))


def make_inputs(model, random, batch=3):
    """One value per input in the order of model.inputs; some steps equal to the mask values."""
    values = []
    for spec in model.inputs:
        shape = [batch if i == 0 else (5 if d is None else d) for i, d in enumerate(spec.shape)]
        if spec.dtype == "int32":
            value = random.integers(-4, 9, shape).astype("int32")
        else:
            value = random.uniform(-1, 1, shape).astype("float32").round(4)
        if "mask" in model.name or "time" in model.name:
            value[0, -2:] = 0.0
            value[1, 0] = -1.0
            value[2, 1] = 0.0
            value[2, 3] = -1.0
        values.append(value)
    return values


def input_keys(model):
    """The sorted keys of a model that takes a dict, else None; model.inputs has this order."""
    struct = getattr(model, "_inputs_struct", None)
    return sorted(struct) if isinstance(struct, dict) else None


def as_structure(model, values):
    """The flat inputs in the nest that the model takes."""
    if input_keys(model):
        return dict(zip(input_keys(model), values))
    return values if len(values) > 1 else values[0]


def flat(outputs):
    return keras.tree.flatten(outputs)


def facts(layer):
    shape = getattr(layer, "output", None)
    return {
        "name": layer.name,
        "class_name": type(layer).__name__,
        "output_shape": None if shape is None else common.plain([list(t.shape) for t in flat(shape)]),
        "params": int(layer.count_params()),
        "trainable": bool(layer.trainable),
    }


def rewrite_as_old(source, target):
    """The layout that Keras 2.13 wrote: other group names, plain dtypes, old module, old inbound_nodes."""
    import h5py

    with zipfile.ZipFile(source) as archive:
        members = {n: archive.read(n) for n in archive.namelist()}
    config = json.loads(members["config.json"])

    def old_node(node):
        def leaf(value):
            return value["config"]["keras_history"] + [{}]

        first = node["args"][0]
        return [leaf(v) for v in first] if isinstance(first, list) else [leaf(first)]

    def old(value):
        if isinstance(value, list):
            return [old(v) for v in value]
        if not isinstance(value, dict):
            return value
        if value.get("class_name") == "DTypePolicy":
            return value["config"]["name"]
        value = dict(value)
        if value.get("class_name") == "Functional":
            value["module"], value["registered_name"] = "keras.src.engine.functional", "Functional"
            value.pop("compile_config", None)
        if value.get("class_name") == "InputLayer":
            shape = value["config"].pop("batch_shape")
            value["config"] = {
                "batch_input_shape": shape,
                "dtype": "float32",
                "sparse": False,
                "ragged": False,
                "name": value["config"]["name"],
            }
        if "inbound_nodes" in value:
            value["inbound_nodes"] = [old_node(n) for n in value["inbound_nodes"]]
        newer = ("quantization_config", "shared_object_id", "input_axes", "output_axes")
        return {k: old(v) for k, v in value.items() if k not in newer}

    members["config.json"] = json.dumps(old(config)).encode()
    members["metadata.json"] = json.dumps({"keras_version": "2.13.1", "date_saved": "2023-07-05@00:00:00"}).encode()
    buffer = io.BytesIO()
    with h5py.File(io.BytesIO(members["model.weights.h5"])) as new, h5py.File(buffer, "w") as file:
        for name, item in new.items():
            if name == "layers":
                new.copy(item, file, "_layer_checkpoint_dependencies")
            else:
                new.copy(item, file, name)
    members["model.weights.h5"] = buffer.getvalue()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data)


def main():
    random = common.rng()
    OUT.mkdir(parents=True, exist_ok=True)
    cases = []
    for name, (builder, note) in MODELS.items():
        keras.backend.clear_session()
        keras.utils.set_random_seed(common.SEED)
        model = builder()
        settle_weights(model, random)
        inputs = make_inputs(model, random)
        path = OUT / f"{name}.keras"
        common.save(model, path)
        nest = as_structure(model, inputs)
        outputs = model(nest, training=False)
        weights = [(w, v) for w, v in zip(model.weights, model.get_weights())]
        lines = []
        model.summary(line_length=88, print_fn=lambda line, line_break=False: lines.append(line))
        masks = [getattr(t, "_keras_mask", None) for t in flat(outputs)]
        case = {
            "name": name,
            "note": note,
            "file": path.name,
            "sha256": common.sha256(path),
            "bytes": path.stat().st_size,
            "class_name": type(model).__name__,
            "model_name": model.name,
            "input_names": [t.name for t in model.inputs],
            "input_keys": input_keys(model),
            "output_names": list(getattr(model, "output_names", [])),
            "output_keys": sorted(outputs) if isinstance(outputs, dict) else None,
            "input_shapes": [list(t.shape) for t in model.inputs],
            "output_shapes": [list(t.shape) for t in model.outputs],
            "inputs": common.tensors(inputs),
            "outputs": common.tensors(flat(outputs)),
            "output_masks": [None if m is None else common.tensor(m) for m in masks],
            "layers": [facts(layer) for layer in model.layers],
            "weights": [
                {"path": w.path, "name": w.name, "trainable": bool(w.trainable), **common.tensor(v)} for w, v in weights
            ],
            "summary": "\n".join(lines),
        }
        again = model if name == "lambda" else keras.saving.load_model(path)
        for got, want in zip(flat(again(nest, training=False)), flat(outputs)):
            np.testing.assert_array_equal(got, want)
        if name == "regularized":
            model(nest, training=False)
            case["losses"] = [common.number(v) for v in model.losses]
            model(nest, training=True)
            case["losses_training"] = [common.number(v) for v in model.losses]
        if name == "batch_norms":
            case["training_outputs"] = common.tensors(flat(model(nest, training=True)))
            case["weights_after"] = common.tensors(model.get_weights())
        cases.append(case)
        assert case["bytes"] < 60_000, (name, case["bytes"])

    source = next(c for c in cases if c["name"] == "shared_dense")
    path = OUT / "keras_2_13.keras"
    rewrite_as_old(OUT / source["file"], path)
    note = "shared_dense rewritten into the layout of Keras 2.13"
    cases.append(
        {
            **source,
            "name": "keras_2_13",
            "note": note,
            "file": path.name,
            "sha256": common.sha256(path),
            "bytes": path.stat().st_size,
        }
    )
    common.write(OUT / "models.json", __file__, cases)


if __name__ == "__main__":
    main()
