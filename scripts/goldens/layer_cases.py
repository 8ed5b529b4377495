"""Shared by the layer goldens: runs a layer of Keras and records what it gives, or what it raises."""

import common
import re
import warnings

import keras
import numpy as np
from keras import layers
from keras.src.backend.common import masking

RANDOM = common.rng()
CASES = []
ERRORS = []
EDGES = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 6.0, 7.5, -8.0, 20.0, -20.0, 1e-3]


def floats(*shape, low=-2.0, high=2.0):
    return RANDOM.uniform(low, high, shape).astype("float32").round(3).astype("float32")


def ints(*shape, low=-4, high=6):
    return RANDOM.integers(low, high, shape).astype("int32")


def bools(*shape):
    """A mask that is neither all true nor all false in any row."""
    mask = RANDOM.random(shape) < 0.6
    mask[..., 0], mask[..., -1] = True, False
    return mask


def set_random_weights(layer):
    for weight in layer.weights:
        if "variance" in weight.path:
            weight.assign(floats(*weight.shape, low=0.4, high=1.6))
        else:
            weight.assign(floats(*weight.shape, low=-1, high=1))
    settle(layer)


def settle(layer):
    """Normalization computes with copies of its weights."""
    if isinstance(layer, layers.Normalization):
        layer.finalize_state()


def first_line(message):
    """The telling line of an error: without colours and without Keras' frame around it."""
    lines = [x for x in re.sub(r"\x1b\[[0-9;]*m", "", str(message)).split("\n") if x.strip()]
    return lines[1] if len(lines) > 1 and lines[0].startswith("Exception encountered") else lines[0]


def is_merge(layer):
    return "merging" in type(layer).__module__


def run(layer, inputs, masks, training):
    values = []
    for value, mask in zip(inputs, masks):
        value = keras.ops.convert_to_tensor(value)
        if mask is not None:
            masking.set_keras_mask(value, keras.ops.convert_to_tensor(mask))
        values.append(value)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        output = layer(values if is_merge(layer) else values[0], training=training)
    return output, [first_line(w.message) for w in caught if w.category is UserWarning]


def case(name, make, inputs, masks=None, training=False, symbolic=None, initial=False, keep=False):
    """Run one layer. make: () -> layer. initial: keep the initializers' weights. keep: keep those that make gave it."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(common.SEED)
    inputs = inputs if isinstance(inputs, list) else [inputs]
    masks = masks if isinstance(masks, list) else [masks] * len(inputs) if masks is None else [masks]
    layer = make()
    shapes = symbolic or [[None, *x.shape[1:]] for x in inputs]
    merged = is_merge(layer)
    specs = [keras.Input(batch_shape=s, dtype=x.dtype.name) for s, x in zip(shapes, inputs)]
    spec = layer(specs if merged else specs[0])
    if not (initial or keep):
        set_random_weights(layer)
    saved = keras.saving.serialize_keras_object(layer)
    before = layer.get_weights()
    output, caught = run(layer, inputs, masks, training)
    mask = masking.get_keras_mask(output)
    result = {
        "name": name,
        "layer": common.plain(saved),
        "inputs": common.tensors(inputs),
        "input_shapes_symbolic": shapes,
        "output_shape_symbolic": list(spec.shape),
        "output_dtype_symbolic": spec.dtype,
        "weights": common.tensors(before),
        "weight_names": [w.name for w in layer.weights if "seed_generator" not in w.path],
        "trainable_weight_names": [w.name for w in layer.trainable_weights],
        "training": training,
        "outputs": common.tensors(output),
        "output_dtype": keras.backend.standardize_dtype(output.dtype),
        "output_mask": None if mask is None else common.tensor(mask),
        "losses": [common.number(v) for v in layer.losses],
    }
    if any(m is not None for m in masks):
        result["masks"] = [None if m is None else common.tensor(m) for m in masks]
    if initial:
        result["weights_are_initial"] = True
    if caught:
        result["warnings"] = caught
    after = layer.get_weights()
    if any(not np.array_equal(a, b) for a, b in zip(before, after)):
        result["weights_after"] = common.tensors(after)

    # The saved layer does the same.
    again = keras.saving.deserialize_keras_object(saved)
    again(specs if merged else specs[0])
    again.set_weights(before)
    settle(again)
    np.testing.assert_array_equal(run(again, inputs, masks, training)[0], output)
    CASES.append(result)


def each(name, kind, settings, inputs, **more):
    """One case for each set of constructor arguments."""

    def show(value):
        if not hasattr(value, "get_config"):
            return repr(value)
        inner = ",".join(f"{k}={round(v, 4) if isinstance(v, float) else v}" for k, v in value.get_config().items())
        return f"{type(value).__name__}({inner})"

    for kwargs in settings:
        label = ",".join(f"{k}={show(v)}" for k, v in kwargs.items())
        case(f"{name}({label})", lambda: kind(**kwargs), inputs, **more)


def error(name, class_name, config, input_shape=None, dtype="float32", mask_shape=None):
    """Record what Keras raises: for raw constructor arguments, else in a symbolic call, else in a training call.

    A case without an error has stage null: Keras takes these arguments.
    """
    keras.backend.clear_session()
    record = {
        "name": name,
        "class_name": class_name,
        "config": common.plain(config),
        "input_shape": common.plain(input_shape),
    }
    if input_shape is not None:
        record["input_dtype"] = dtype
    if mask_shape is not None:
        record["input_mask_shape"] = mask_shape
    stage, kind, message = "construct", None, None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            layer = getattr(layers, class_name)(**config)
            if input_shape is not None:
                many = input_shape and isinstance(input_shape[0], (list, tuple))
                shapes = input_shape if many else [input_shape]
                stage = "call"
                specs = [keras.Input(batch_shape=s, dtype=dtype) for s in shapes]
                layer(specs if many else specs[0])
                stage = "run"
                values = [keras.ops.ones([4 if d is None else d for d in s], dtype) for s in shapes]
                if mask_shape is not None:
                    masking.set_keras_mask(
                        values[0], keras.ops.ones([4 if d is None else d for d in mask_shape], "bool")
                    )
                layer(values if many else values[0], training=True)
        stage = None
    except Exception as raised:  # noqa: BLE001 the kind of error is what is recorded
        kind, message = type(raised).__name__, first_line(raised)
    ERRORS.append({**record, "stage": stage, "error": kind, "message": message})


def finish(name, script):
    """Write spec/golden/<name>.json: every case and every error so far."""
    names = [c["name"] for c in CASES]
    assert len(set(names)) == len(names), sorted(n for n in names if names.count(n) > 1)
    common.write(common.GOLDEN / f"{name}.json", script, CASES, errors=ERRORS)
