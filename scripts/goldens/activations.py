"""What every function of keras.activations computes: spec/golden/activations.json."""

import common

import keras
import numpy as np

INF, NAN = float("inf"), float("nan")
EDGES = np.array(
    [
        [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 2.5, -2.5, 3.0, -3.0],
        [6.0, -6.0, 7.0, -7.0, 10.0, -10.0, 20.0, -20.0, 50.0, -50.0, 88.0, -88.0],
        [100.0, -100.0, 1e-3, -1e-3, 1e-6, -1e-6, 1e-20, -1e-20, 1e10, -1e10, 3e38, -3e38],
    ],
    "float32",
)
LIMITS = np.array([[INF, 1.0], [-INF, 1.0], [NAN, 1.0], [INF, -INF], [INF, INF], [-INF, -INF]], "float32")
ARGUMENTS = {
    "relu": [
        {"negative_slope": 0.2},
        {"max_value": 2.0},
        {"threshold": 0.75},
        {"negative_slope": 0.5, "max_value": 2.5, "threshold": 0.5},
        {"max_value": 6.0},
    ],
    "leaky_relu": [{"negative_slope": 0.01}, {"negative_slope": 0.5}],
    "elu": [{"alpha": 0.5}, {"alpha": 2.0}],
    "celu": [{"alpha": 0.5}, {"alpha": 2.0}],
    "gelu": [{"approximate": False}, {"approximate": True}],
    "glu": [{"axis": 1}, {"axis": -1}],
    "hard_shrink": [{"threshold": 0.25}, {"threshold": 1.5}],
    "soft_shrink": [{"threshold": 0.25}, {"threshold": 1.5}],
    "squareplus": [{"b": 1}, {"b": 0.5}],
    "softmax": [{"axis": 0}, {"axis": 1}, {"axis": -2}],
    "log_softmax": [{"axis": 0}, {"axis": -2}],
    "sparsemax": [{"axis": 0}, {"axis": 1}],
    "threshold": [{"threshold": 0.5, "default_value": 0.0}, {"threshold": -1.0, "default_value": 7.0}],
}
NEEDS_ARGUMENTS = {"threshold"}
NO_INTEGERS = {"glu", "sigmoid", "silu", "swish"}


def main():
    random = common.rng()
    plain = random.normal(0, 2, (4, 6)).astype("float32")
    ranks = random.normal(0, 2, (2, 3, 4)).astype("float32")
    whole = random.integers(-5, 6, (3, 4)).astype("int32")
    names = [
        n for n in dir(keras.activations) if not n.startswith("_") and n not in ("get", "serialize", "deserialize")
    ]
    cases = []

    def case(name, value, label, kwargs):
        output = getattr(keras.activations, name)(keras.ops.convert_to_tensor(value), **kwargs)
        cases.append(
            {
                "name": f"{name} {label}",
                "activation": name,
                "kwargs": common.plain(kwargs),
                "input": common.tensor(value),
                "output": common.tensor(output),
            }
        )

    for name in names:
        if name not in NEEDS_ARGUMENTS:
            case(name, plain, "random", {})
            # The running sums of sparsemax overflow on huge values.
            case(name, EDGES[:2] if name == "sparsemax" else EDGES, "edges", {})
            if name != "sparsemax":
                case(name, LIMITS, "limits", {})
            case(name, ranks, "rank 3", {})
            if name not in NO_INTEGERS:
                case(name, whole, "int32", {})
        for kwargs in ARGUMENTS.get(name, []):
            label = ",".join(f"{k}={v}" for k, v in kwargs.items())
            case(name, plain, label, kwargs)
            if "axis" in kwargs:
                if kwargs["axis"] != 1 or name != "glu":
                    case(name, ranks, f"rank 3 {label}", kwargs)
            else:
                case(name, EDGES, f"edges {label}", kwargs)
    serialized = {n: common.plain(keras.activations.serialize(getattr(keras.activations, n))) for n in names}
    common.write(common.GOLDEN / "activations.json", __file__, cases, serialized=serialized)


if __name__ == "__main__":
    main()
