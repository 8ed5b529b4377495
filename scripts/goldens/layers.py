"""What every layer of Keras computes, and what it refuses: spec/golden/layers.json."""

from layer_cases import EDGES, bools, case, each, error, finish, floats, ints

import keras
import numpy as np
from keras import constraints, initializers, layers, regularizers


def dense():
    D = layers.Dense
    x = floats(3, 4)
    each("Dense rank 2", D, [{"units": 1}, {"units": 5}, {"units": 2, "use_bias": False}], x)
    each("Dense rank 3", D, [{"units": 3}, {"units": 2, "use_bias": False, "activation": "relu"}], floats(2, 3, 4))
    each("Dense rank 4", D, [{"units": 2, "activation": "softmax"}], floats(2, 2, 3, 4))
    each("Dense rank 5", D, [{"units": 2}], floats(1, 2, 2, 2, 3))
    each("Dense int32", D, [{"units": 3}], ints(3, 4))
    each("Dense bool", D, [{"units": 3}], bools(3, 4))
    each("Dense batch 0", D, [{"units": 3}], np.zeros((0, 4), "float32"))
    each("Dense unknown middle", D, [{"units": 3}], floats(2, 5, 4), symbolic=[[None, None, 4]])
    each(
        "Dense",
        D,
        [{"units": 4, "activation": a} for a in ["linear", "relu", "tanh", "softmax", "gelu", "hard_sigmoid"]],
        x,
    )
    kernel_rules = [
        "l1",
        "l2",
        "l1l2",
        regularizers.L1(0.3),
        regularizers.L2(0.2),
        regularizers.L1L2(l1=0.05, l2=0.07),
        regularizers.L1L2(l1=0.0, l2=0.07),
        regularizers.OrthogonalRegularizer(factor=0.04, mode="rows"),
        regularizers.OrthogonalRegularizer(factor=0.02, mode="columns"),
    ]
    each("Dense", D, [{"units": 3, "kernel_regularizer": r} for r in kernel_rules], x)
    each("Dense", D, [{"units": 3, "bias_regularizer": r} for r in ["l2", regularizers.L1(0.3)]], x)
    each("Dense", D, [{"units": 3, "activity_regularizer": r} for r in ["l1", regularizers.L2(0.2)]], x)
    each(
        "Dense rank 3",
        D,
        [{"units": 3, "activity_regularizer": regularizers.L1L2(0.1, 0.2), "activation": "tanh"}],
        floats(2, 3, 4),
    )
    every = {"units": 3, "kernel_regularizer": "l1", "bias_regularizer": "l2", "activity_regularizer": "l1"}
    each("Dense", D, [every, {**every, "trainable": False}], x, training=True)
    each("Dense", D, [{"units": 3, "kernel_constraint": c} for c in ["non_neg", constraints.MaxNorm(1.5, axis=1)]], x)
    each(
        "Dense",
        D,
        [{"units": 3, "bias_constraint": c} for c in ["unit_norm", constraints.MinMaxNorm(0.2, 0.8, rate=0.5)]],
        x,
    )
    starts = [
        {"kernel_initializer": "ones", "bias_initializer": "ones"},
        {"kernel_initializer": initializers.Constant(0.25), "bias_initializer": initializers.Constant(-1.0)},
        {"kernel_initializer": "identity", "bias_initializer": "zeros"},
        {"kernel_initializer": initializers.Identity(gain=2.0)},
    ]
    each("Dense", D, [{"units": 3, **s} for s in starts], x, initial=True)
    seeded = [
        "glorot_normal",
        "he_uniform",
        "lecun_normal",
        "orthogonal",
        "random_normal",
        "truncated_normal",
        "variance_scaling",
    ]
    each("Dense", D, [{"units": 3, "kernel_initializer": s} for s in seeded], x)
    each("Dense", D, [{"units": 3, "name": "my_dense", "dtype": "float32"}], x)
    case("Dense mask", lambda: D(2), floats(2, 4, 3), masks=bools(2, 4))


def activation():
    wide = np.array([EDGES, list(floats(16, low=-4, high=4))], "float32")
    names = [
        n for n in dir(keras.activations) if not n.startswith("_") and n not in ("get", "serialize", "deserialize")
    ]
    for name in names:
        if name != "threshold":
            case(f"Activation({name})", lambda: layers.Activation(name), wide)
    for name in ["relu", "softmax", "tanh", "sigmoid", "log_softmax"]:
        case(f"Activation({name}) rank 3", lambda: layers.Activation(name), floats(2, 3, 4))
    for name in ["relu", "softmax", "tanh", "linear"]:
        case(f"Activation({name}) int32", lambda: layers.Activation(name), ints(2, 3))
    case("Activation function", lambda: layers.Activation(keras.activations.silu), wide)
    case("Activation(ReLU class)", lambda: layers.Activation("relu", activity_regularizer="l2"), wide)
    case("Activation mask", lambda: layers.Activation("tanh"), floats(2, 4, 3), masks=bools(2, 4))


def dropout():
    x = floats(3, 4, 2)
    D = layers.Dropout
    each("Dropout", D, [{"rate": 0.0}, {"rate": 0.5}, {"rate": 1.0}, {"rate": 1}, {"rate": 0.3, "seed": 7}], x)
    each("Dropout training", D, [{"rate": 0.0}, {"rate": 0}, {"rate": 1.0}], x, training=True)
    shapes = [(3, 1, 2), (None, 1, None), [None, 4, 1]]
    each("Dropout", D, [{"rate": 0.5, "noise_shape": s, "seed": 1} for s in shapes], x)
    each("Dropout training", D, [{"rate": 1.0, "noise_shape": (None, 1, None)}], x, training=True)
    case("Dropout mask", lambda: D(0.4), x, masks=bools(3, 4))
    case("Dropout int32", lambda: D(0.4), ints(2, 3))
    S1, S2, S3 = layers.SpatialDropout1D, layers.SpatialDropout2D, layers.SpatialDropout3D
    each("SpatialDropout1D", S1, [{"rate": 0.0}, {"rate": 0.5, "seed": 3}], x)
    each("SpatialDropout1D training", S1, [{"rate": 0.0}, {"rate": 1.0}], x, training=True)
    each("SpatialDropout1D", S1, [{"rate": 0.5, "name": "sd", "dtype": "float32"}], x)
    case("SpatialDropout1D mask", lambda: S1(0.4), x, masks=bools(3, 4))
    formats = [None, "channels_last", "channels_first"]
    for kind, value in [(S2, floats(2, 2, 3, 2)), (S3, floats(1, 2, 2, 2, 2))]:
        each(kind.__name__, kind, [{"rate": 0.5, "data_format": f, "seed": 2} for f in formats], value)
        each(
            kind.__name__ + " training",
            kind,
            [{"rate": r, "data_format": f} for r in (0.0, 1.0) for f in formats[1:]],
            value,
            training=True,
        )


def shapes():
    x = floats(2, 3, 4)
    formats = [None, "channels_last", "channels_first"]
    for value in [floats(3), floats(2, 3), x, floats(2, 2, 3, 2), floats(1, 2, 2, 2, 2), ints(2, 3, 2)]:
        label = f"Flatten rank {value.ndim} {value.dtype}"
        each(label, layers.Flatten, [{"data_format": f} for f in formats], value)
    case("Flatten unknown", lambda: layers.Flatten(), x, symbolic=[[None, None, 4]])
    case("Flatten known batch", lambda: layers.Flatten(), x, symbolic=[[2, 3, 4]])
    case("Flatten mask", lambda: layers.Flatten(), x, masks=bools(2, 3))

    targets = [(12,), (4, 3), (-1,), (6, -1), (2, -1, 3), (1, 12, 1), [3, 4], (-1, 12)]
    each("Reshape", layers.Reshape, [{"target_shape": t} for t in targets], x)
    each("Reshape int32", layers.Reshape, [{"target_shape": (3, 2)}], ints(2, 2, 3))
    each("Reshape to nothing", layers.Reshape, [{"target_shape": ()}], floats(3, 1))
    each(
        "Reshape unknown",
        layers.Reshape,
        [{"target_shape": t} for t in [(-1, 2), (3, 4), (-1,)]],
        x,
        symbolic=[[None, None, 4]],
    )
    each("Reshape known batch", layers.Reshape, [{"target_shape": (4, -1)}], x, symbolic=[[2, 3, 4]])
    case("Reshape mask", lambda: layers.Reshape((4, 3)), x, masks=bools(2, 3))

    each("Permute", layers.Permute, [{"dims": d} for d in [(2, 1), (1, 2), [2, 1]]], x)
    each("Permute rank 4", layers.Permute, [{"dims": d} for d in [(3, 1, 2), (1, 3, 2), (3, 2, 1)]], floats(2, 2, 3, 2))
    each("Permute rank 2", layers.Permute, [{"dims": (1,)}], floats(2, 3))
    each("Permute unknown", layers.Permute, [{"dims": (2, 1)}], ints(2, 3, 4), symbolic=[[None, None, 4]])
    case("Permute mask", lambda: layers.Permute((2, 1)), x, masks=bools(2, 3))

    each("RepeatVector", layers.RepeatVector, [{"n": 1}, {"n": 3}], floats(2, 3))
    each("RepeatVector int32", layers.RepeatVector, [{"n": 2}], ints(2, 3))
    case("RepeatVector mask", lambda: layers.RepeatVector(2), floats(2, 3), masks=bools(2, 3))


def regularization_and_masking():
    settings = [{}, {"l1": 0.1}, {"l2": 0.2}, {"l1": 0.3, "l2": 0.05}]
    each("ActivityRegularization", layers.ActivityRegularization, settings, floats(3, 4))
    each("ActivityRegularization rank 3", layers.ActivityRegularization, settings[3:], floats(2, 3, 4), training=True)
    case("ActivityRegularization mask", lambda: layers.ActivityRegularization(0.1), floats(2, 3, 4), masks=bools(2, 3))

    for mask_value in [0.0, -1.5, 1]:
        x = floats(2, 4, 3)
        x[0, 1], x[1, 3], x[1, 0, 1] = mask_value, mask_value, mask_value
        case(f"Masking(mask_value={mask_value})", lambda: layers.Masking(mask_value=mask_value), x)
    x = floats(2, 2, 3, 2)
    x[0, 1, 2], x[1] = 0.0, -0.0
    case("Masking rank 4", lambda: layers.Masking(), x)
    x = floats(3, 2)
    x[1] = 0.0
    case("Masking rank 2", lambda: layers.Masking(), x)
    x = ints(2, 3, 2)
    x[0, 1] = 2
    case("Masking int32", lambda: layers.Masking(mask_value=2), x)
    x = floats(2, 4, 3)
    x[0, 1] = 0.0
    x[1, 1, 0] = np.nan
    case("Masking replaces an incoming mask", lambda: layers.Masking(), x, masks=bools(2, 4))


def merges():
    names = ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"]
    a, b, c = floats(2, 3, 4), floats(2, 3, 4), floats(2, 3, 4)
    # Together these hold every combination of true and false.
    one, two, three = (
        np.array(m, bool) for m in ([[1, 1, 0], [0, 0, 1]], [[1, 0, 0], [1, 0, 1]], [[0, 0, 0], [1, 1, 0]])
    )
    for name in names:
        kind = getattr(layers, name)
        only_two = name == "Subtract"

        def go(label, inputs, **more):
            case(f"{name} {label}", kind, inputs, **more)

        go("of two", [a, b])
        if not only_two:
            go("of three", [a, b, c])
            go("of one", [a])
        go("broadcast", [a, floats(2, 1, 4)])
        go("broadcast both", [floats(2, 3, 1), floats(2, 1, 4)])
        go("ranks 3 and 2", [a, floats(2, 4)])
        go("ranks 2 and 4", [floats(2, 4), floats(2, 2, 3, 4)])
        go("int32", [ints(2, 3), ints(2, 3)])
        go("int32 and float32", [ints(2, 3), floats(2, 3)])
        go("unknown", [a, b], symbolic=[[None, None, 4], [None, 3, 4]])
        go("masks on both", [a, b], masks=[one, two])
        go("mask on the first", [a, b], masks=[one, None])
        go("mask on the second", [a, b], masks=[None, two])
        if not only_two:
            go("masks on three", [a, b, c], masks=[one, two, three])

    C = layers.Concatenate
    each("Concatenate", C, [{}, {"axis": 1}, {"axis": 2}, {"axis": -2}], [a, b])
    each("Concatenate axis 0", C, [{"axis": 0}], [a, b])
    each("Concatenate uneven", C, [{"axis": 1}], [a, floats(2, 1, 4), floats(2, 2, 4)])
    each("Concatenate rank 2", C, [{"axis": -1}], [floats(2, 3), floats(2, 1)])
    each("Concatenate int32 and float32", C, [{"axis": -1}], [ints(2, 3), floats(2, 1)])
    each("Concatenate int32", C, [{"axis": -1}], [ints(2, 3), ints(2, 1)])
    each("Concatenate unknown", C, [{"axis": 1}], [a, b], symbolic=[[None, None, 4], [None, 3, 4]])
    for axis in (-1, 1):
        kind = lambda: C(axis=axis)  # noqa: E731
        case(f"Concatenate axis {axis} masks on both", kind, [a, b], masks=[one, two])
        case(f"Concatenate axis {axis} mask on the first", kind, [a, b], masks=[one, None])
        case(f"Concatenate axis {axis} mask on the second", kind, [a, b], masks=[None, two])


def batch_normalization():
    B = layers.BatchNormalization
    x2, x3, x4 = floats(5, 3), floats(3, 4, 2), floats(2, 3, 2, 2)
    for training in (False, True):
        mode = "training" if training else "inference"
        each(f"BatchNormalization {mode}", B, [{}, {"axis": 1}], x2, training=training)
        each(f"BatchNormalization {mode} rank 3", B, [{"axis": i} for i in (1, 2, -1, -2)], x3, training=training)
        each(f"BatchNormalization {mode} rank 4", B, [{"axis": i} for i in (1, 2, 3, -1)], x4, training=training)
        settings = [
            {"epsilon": 0.1},
            {"momentum": 0.5},
            {"momentum": 0.0},
            {"center": False},
            {"scale": False},
            {"center": False, "scale": False},
        ]
        each(f"BatchNormalization {mode}", B, settings, x2, training=training)
        each(
            f"BatchNormalization {mode}",
            B,
            [{"trainable": False}, {"trainable": False, "gamma_regularizer": "l2"}],
            x2,
            training=training,
        )
        starts = {
            "beta": "ones",
            "gamma": initializers.Constant(2.0),
            "moving_mean": initializers.Constant(0.5),
            "moving_variance": initializers.Constant(3.0),
        }
        settings = [{f"{k}_initializer": v} for k, v in starts.items()] + [
            {f"{k}_initializer": v for k, v in starts.items()},
            {},
        ]
        each(f"BatchNormalization {mode} initial", B, settings, x2, training=training, initial=True)
        settings = [
            {"beta_regularizer": "l1"},
            {"gamma_regularizer": regularizers.L2(0.3)},
            {"beta_regularizer": "l2", "gamma_regularizer": "l1", "activity_regularizer": "l2"},
        ]
        each(f"BatchNormalization {mode}", B, settings, x2, training=training)
        each(
            f"BatchNormalization {mode}",
            B,
            [{"beta_constraint": "non_neg"}, {"gamma_constraint": constraints.MaxNorm(1.0)}],
            x2,
            training=training,
        )
        case(f"BatchNormalization {mode} mask", lambda: B(), x3, masks=bools(3, 4), training=training)
        case(f"BatchNormalization {mode} mask axis 1", lambda: B(axis=1), x3, masks=bools(3, 4), training=training)
        case(
            f"BatchNormalization {mode} mask rank 4",
            lambda: B(momentum=0.8),
            x4,
            masks=bools(2, 3, 2),
            training=training,
        )
        case(
            f"BatchNormalization {mode} mask of nothing",
            lambda: B(),
            x3,
            masks=np.zeros((3, 4), bool),
            training=training,
        )
        case(f"BatchNormalization {mode} int32", lambda: B(), ints(4, 3), training=training)
        case(f"BatchNormalization {mode} one row", lambda: B(), floats(1, 3), training=training)
        case(
            f"BatchNormalization {mode} constant column",
            lambda: B(),
            np.full((4, 2), 3.25, "float32"),
            training=training,
        )
    case("BatchNormalization unknown", lambda: B(), x3, symbolic=[[None, None, 2]])


def advanced_activations():
    x = np.concatenate([np.array([EDGES], "float32"), floats(2, 16, low=-4, high=4)])
    x3, x4 = floats(2, 3, 4), floats(2, 2, 3, 2)
    settings = [
        {},
        {"max_value": 6.0},
        {"max_value": 1},
        {"max_value": 0.0},
        {"negative_slope": 0.1},
        {"negative_slope": 0.5, "max_value": 2.0},
    ]
    settings += [
        {"threshold": 0.5},
        {"threshold": 1.5},
        {"threshold": 0.5, "negative_slope": 0.2},
        {"threshold": 0.5, "max_value": 2.0},
    ]
    settings += [
        {"threshold": 0.25, "max_value": 2.0, "negative_slope": 0.3},
        {"max_value": 6.0, "threshold": 0.0, "negative_slope": 0.0},
    ]
    each("ReLU", layers.ReLU, settings, x)
    each("ReLU int32", layers.ReLU, [{}, {"negative_slope": 0.5}], ints(2, 4))
    each(
        "LeakyReLU", layers.LeakyReLU, [{}, {"negative_slope": 0.1}, {"negative_slope": 0.0}, {"negative_slope": 1}], x
    )
    each("ELU", layers.ELU, [{}, {"alpha": 0.5}, {"alpha": 2.0}], x)
    each("PReLU", layers.PReLU, [{}], x)
    each("PReLU rank 3", layers.PReLU, [{}, {"shared_axes": [1]}, {"shared_axes": 2}, {"shared_axes": [1, 2]}], x3)
    each(
        "PReLU rank 4", layers.PReLU, [{"shared_axes": [1, 2]}, {"shared_axes": (1, 3)}, {"shared_axes": [1, 2, 3]}], x4
    )
    each(
        "PReLU initial",
        layers.PReLU,
        [{}, {"alpha_initializer": "ones"}, {"alpha_initializer": initializers.Constant(0.25)}],
        x3,
        initial=True,
    )
    each("PReLU", layers.PReLU, [{"alpha_regularizer": "l2"}, {"alpha_regularizer": regularizers.L1(0.2)}], x3)
    each("PReLU", layers.PReLU, [{"alpha_constraint": "non_neg"}, {"alpha_constraint": constraints.MaxNorm(1.0)}], x3)
    each("PReLU unknown", layers.PReLU, [{"shared_axes": [1]}], x3, symbolic=[[None, None, 4]])
    each("Softmax", layers.Softmax, [{}, {"axis": 1}, {"axis": -1}, {"axis": 0}], x)
    each(
        "Softmax rank 3",
        layers.Softmax,
        [{}, {"axis": 1}, {"axis": -2}, {"axis": [1]}, {"axis": (1, 2)}, {"axis": [-1, -2]}],
        x3,
    )
    each("Softmax int32", layers.Softmax, [{}], ints(2, 4))
    case("Softmax mask", lambda: layers.Softmax(), floats(3, 5), masks=bools(3, 5))
    case("Softmax mask of the whole shape", lambda: layers.Softmax(), x3, masks=bools(2, 3, 4))
    case("Softmax mask axis 1", lambda: layers.Softmax(axis=1), x3, masks=bools(2, 3, 4))
    case("Softmax mask of two axes", lambda: layers.Softmax(axis=[1, 2]), x3, masks=bools(2, 3, 4))
    case("Softmax mask of nothing", lambda: layers.Softmax(), floats(2, 4), masks=np.zeros((2, 4), bool))
    for kind in [layers.ReLU, layers.LeakyReLU, layers.ELU, layers.PReLU]:
        case(f"{kind.__name__} mask", lambda: kind(), x3, masks=bools(2, 3))


def errors():
    for units in [0, 2.5, "3", -1, None, True]:
        error(f"Dense units {units!r}", "Dense", {"units": units}, [None, 3])
    error("Dense without units", "Dense", {}, [None, 3])
    error("Dense rank 1", "Dense", {"units": 2}, [None])
    error("Dense undefined last", "Dense", {"units": 2}, [None, None])
    error("Dense rank 0", "Dense", {"units": 2}, [])
    error("Dense unknown activation", "Dense", {"units": 2, "activation": "nope"}, [None, 3])
    error("Dense unknown initializer", "Dense", {"units": 2, "kernel_initializer": "nope"}, [None, 3])
    error("Dense unknown regularizer", "Dense", {"units": 2, "kernel_regularizer": "nope"}, [None, 3])
    error("Dense unknown constraint", "Dense", {"units": 2, "kernel_constraint": "nope"}, [None, 3])
    error("Dense several inputs", "Dense", {"units": 2}, [[None, 3], [None, 3]])
    error(
        "Dense orthogonal regularizer, bias",
        "Dense",
        {"units": 2, "bias_regularizer": "orthogonal_regularizer"},
        [None, 3],
    )
    error("unknown argument", "Dense", {"units": 2, "nope": 1})
    error("Keras 2 weights argument", "Dense", {"units": 2, "weights": []})
    error("trainable not boolean", "Dense", {"units": 2, "trainable": 1})
    error("trainable string", "Dense", {"units": 2, "trainable": "yes"})
    error("name with a slash", "Dense", {"units": 2, "name": "a/b"})
    error("name not a string", "Dense", {"units": 2, "name": 3})
    error("unknown dtype", "Dense", {"units": 2, "dtype": "float99"})
    error("Activation without argument", "Activation", {})
    error("Activation unknown", "Activation", {"activation": "nope"})
    error("Activation number", "Activation", {"activation": 3})
    error("Activation None", "Activation", {"activation": None}, [None, 3])
    error("Activation threshold lacks arguments", "Activation", {"activation": "threshold"}, [None, 3])
    error("Activation glu odd", "Activation", {"activation": "glu"}, [None, 3])
    error("Activation softmax rank 1", "Activation", {"activation": "softmax"}, [None])
    error("Dropout rate -0.1", "Dropout", {"rate": -0.1})
    error("Dropout rate 1.1", "Dropout", {"rate": 1.1})
    error("Dropout rate string", "Dropout", {"rate": "0.5"})
    error("Dropout rate None", "Dropout", {"rate": None})
    for shape in ["3", 3, [2, 0], [2, -1], [2.5, 1], ["a"]]:
        error(f"Dropout noise_shape {shape!r}", "Dropout", {"rate": 0.5, "noise_shape": shape}, [None, 3])
    error("Dropout noise_shape rank", "Dropout", {"rate": 0.5, "noise_shape": [1, 1, 1]}, [None, 3])
    error("Dropout seed string", "Dropout", {"rate": 0.5, "seed": "x"})
    error("Dropout seed float", "Dropout", {"rate": 0.5, "seed": 1.5})
    error("Dropout seed negative", "Dropout", {"rate": 0.5, "seed": -1})
    error("SpatialDropout1D rank", "SpatialDropout1D", {"rate": 0.5}, [None, 3])
    error("SpatialDropout1D rank 4", "SpatialDropout1D", {"rate": 0.5}, [None, 3, 3, 3])
    error("SpatialDropout2D rank", "SpatialDropout2D", {"rate": 0.5}, [None, 3, 3])
    error("SpatialDropout3D rank", "SpatialDropout3D", {"rate": 0.5}, [None, 3, 3, 3])
    error("SpatialDropout1D rate", "SpatialDropout1D", {"rate": 1.5})
    error("SpatialDropout1D trainable", "SpatialDropout1D", {"rate": 0.5, "trainable": False})
    error("SpatialDropout1D data_format", "SpatialDropout1D", {"rate": 0.5, "data_format": "channels_last"})
    error("SpatialDropout2D data_format", "SpatialDropout2D", {"rate": 0.5, "data_format": "nope"})
    error("SpatialDropout3D data_format", "SpatialDropout3D", {"rate": 0.5, "data_format": 3})
    error("Flatten data_format", "Flatten", {"data_format": "nope"})
    error("Flatten rank 0", "Flatten", {}, [])
    error("Reshape without argument", "Reshape", {})
    error("Reshape two unknown", "Reshape", {"target_shape": [-1, -1]}, [None, 6])
    error("Reshape size", "Reshape", {"target_shape": [4]}, [None, 6])
    error("Reshape not divisible", "Reshape", {"target_shape": [4, -1]}, [None, 6])
    error("Reshape below -1", "Reshape", {"target_shape": [-2, 3]}, [None, 6])
    error("Reshape zero", "Reshape", {"target_shape": [0, -1]}, [None, 6])
    error("Reshape string", "Reshape", {"target_shape": "6"}, [None, 6])
    error("Reshape number", "Reshape", {"target_shape": 6}, [None, 6])
    error("Reshape float", "Reshape", {"target_shape": [2.0, 3.0]}, [None, 6])
    error("Permute twice the same", "Permute", {"dims": [1, 1]}, [None, 2, 3])
    error("Permute from zero", "Permute", {"dims": [0, 1]}, [None, 2, 3])
    error("Permute too large", "Permute", {"dims": [1, 3]}, [None, 2, 3])
    error("Permute rank", "Permute", {"dims": [2, 1]}, [None, 2, 3, 4])
    error("Permute number", "Permute", {"dims": 1}, [None, 2])
    error("Permute nothing", "Permute", {"dims": []}, [None])
    for n in [0, -1, 2.5, "2", None, True]:
        error(f"RepeatVector n {n!r}", "RepeatVector", {"n": n}, [None, 3])
    error("RepeatVector rank 3", "RepeatVector", {"n": 2}, [None, 3, 4])
    error("RepeatVector rank 1", "RepeatVector", {"n": 2}, [None])
    error("ActivityRegularization negative l1", "ActivityRegularization", {"l1": -0.1}, [None, 3])
    error("ActivityRegularization negative l2", "ActivityRegularization", {"l2": -0.1}, [None, 3])
    error("ActivityRegularization string", "ActivityRegularization", {"l1": "a"}, [None, 3])
    error("ActivityRegularization None", "ActivityRegularization", {"l1": None}, [None, 3])
    error("Masking rank 1", "Masking", {}, [None])
    error("Masking string", "Masking", {"mask_value": "a"}, [None, 3])
    for name in ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"]:
        error(f"{name} shapes", name, {}, [[None, 3], [None, 4]])
    error("Add one tensor, no list", "Add", {}, [None, 3])
    error("Add ranks", "Add", {}, [[None, 3, 2], [None, 4]])
    error("Add batch sizes", "Add", {}, [[2, 3], [4, 3]])
    error("Add argument", "Add", {"axis": 1})
    error("Subtract three", "Subtract", {}, [[None, 3]] * 3)
    error("Subtract one", "Subtract", {}, [[None, 3]])
    error("Concatenate shapes", "Concatenate", {}, [[None, 3, 2], [None, 4, 2]])
    error("Concatenate shapes axis 1", "Concatenate", {"axis": 1}, [[None, 3, 2], [None, 3, 3]])
    error("Concatenate ranks", "Concatenate", {}, [[None, 3], [None, 3, 2]])
    error("Concatenate axis out of range", "Concatenate", {"axis": 5}, [[None, 3], [None, 3]])
    error("Concatenate one tensor, no list", "Concatenate", {}, [None, 3])
    error("Concatenate list of one", "Concatenate", {}, [[None, 3]])
    error("BatchNormalization axis", "BatchNormalization", {"axis": 2}, [None, 3])
    error("BatchNormalization axis -3", "BatchNormalization", {"axis": -3}, [None, 3])
    error("BatchNormalization axis 0", "BatchNormalization", {"axis": 0}, [None, 3])
    error("BatchNormalization axis list", "BatchNormalization", {"axis": [1]}, [None, 3])
    error("BatchNormalization unknown channel", "BatchNormalization", {}, [None, None])
    error("BatchNormalization synchronized", "BatchNormalization", {"synchronized": True})
    error("BatchNormalization momentum string", "BatchNormalization", {"momentum": "a"})
    error("BatchNormalization epsilon None", "BatchNormalization", {"epsilon": None})
    error("ReLU max_value", "ReLU", {"max_value": -1.0})
    error("ReLU negative_slope", "ReLU", {"negative_slope": -0.1})
    error("ReLU negative_slope None", "ReLU", {"negative_slope": None})
    error("ReLU threshold", "ReLU", {"threshold": -0.5})
    error("ReLU threshold None", "ReLU", {"threshold": None})
    error("LeakyReLU None", "LeakyReLU", {"negative_slope": None})
    error("LeakyReLU negative", "LeakyReLU", {"negative_slope": -0.1}, [None, 3])
    error("LeakyReLU Keras 2 name", "LeakyReLU", {"alpha": 0.2}, [None, 3])
    error("ELU negative", "ELU", {"alpha": -1.0}, [None, 3])
    error("ELU None", "ELU", {"alpha": None}, [None, 3])
    error("PReLU unknown axis", "PReLU", {}, [None, None, 3])
    error("PReLU shared batch", "PReLU", {"shared_axes": [0]}, [None, 3])
    error("PReLU shared out of range", "PReLU", {"shared_axes": [3]}, [None, 3])
    error("Softmax axis", "Softmax", {"axis": 3}, [None, 3])
    error("Softmax axis string", "Softmax", {"axis": "a"}, [None, 3])
    error("Softmax with a time mask", "Softmax", {}, [None, 5, 4], mask_shape=[None, 5])
    error(
        "BatchNormalization with a mask of the whole shape",
        "BatchNormalization",
        {},
        [None, 5, 4],
        mask_shape=[None, 5, 4],
    )
    error("Input without shape", "Input", {})
    error("Input shape and batch_shape", "Input", {"shape": [3], "batch_shape": [None, 3]})
    error("Input batch_size and batch_shape", "Input", {"batch_size": 2, "batch_shape": [None, 3]})
    error("Input number", "Input", {"shape": 3})
    error("Input negative", "Input", {"shape": [-1]})
    error("Input zero", "Input", {"shape": [0]})
    error("Input float", "Input", {"shape": [2.5]})
    error("Input string", "Input", {"shape": "3"})
    error("Input dtype", "Input", {"shape": [3], "dtype": "float99"})
    error("Input unknown argument", "Input", {"shape": [3], "nope": 1})
    error("Input batch_size negative", "Input", {"shape": [3], "batch_size": -2})
    error("Input nothing but batch", "Input", {"shape": []})


def main():
    for part in [
        dense,
        activation,
        dropout,
        shapes,
        regularization_and_masking,
        merges,
        batch_normalization,
        advanced_activations,
        errors,
    ]:
        part()
    finish("layers", __file__)


if __name__ == "__main__":
    main()
