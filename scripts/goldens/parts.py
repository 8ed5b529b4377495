"""Regularizers, constraints and initializers of Keras: spec/golden/parts.json."""

import common

import keras
import numpy as np
from keras import constraints, initializers, regularizers
from keras.src.initializers.random_initializers import compute_fans

RANDOM = common.rng()
SAMPLES = 100_000
TRUNCATION = 0.87962566103423978  # standard deviation of a normal cut at two sigmas


def weights(*shape):
    return RANDOM.uniform(-2, 2, shape).astype("float32").round(3).astype("float32")


def saved(thing):
    return common.plain(keras.saving.serialize_keras_object(thing))


def regularizer_cases():
    values = [weights(4, 3), weights(5), weights(2, 3, 4), np.zeros((2, 2), "float32")]
    makers = [
        regularizers.L1(),
        regularizers.L1(0.3),
        regularizers.L2(),
        regularizers.L2(0.2),
        regularizers.L1L2(),
        regularizers.L1L2(l1=0.1),
        regularizers.L1L2(l2=0.2),
        regularizers.L1L2(l1=0.1, l2=0.2),
    ]
    cases = [(r, v) for r in makers for v in values]
    for mode in ("rows", "columns"):
        for factor in (0.01, 0.5):
            cases += [
                (regularizers.OrthogonalRegularizer(factor=factor, mode=mode), v)
                for v in [values[0], weights(2, 5), weights(3, 3), np.eye(3, dtype="float32")]
            ]
    for rule, value in cases:
        output = rule(keras.ops.convert_to_tensor(value))
        yield {"regularizer": saved(rule), "weights": common.tensor(value), "penalty": common.number(output)}


def constraint_cases():
    makers = [constraints.NonNeg()]
    makers += [constraints.MaxNorm(m, axis=a) for m, a in [(2, 0), (0.5, 0), (1.0, 1), (0.7, [0, 1]), (0.5, -1)]]
    makers += [constraints.UnitNorm(axis=a) for a in (0, 1, [0, 1], -1)]
    settings = [
        {},
        {"min_value": 0.5, "max_value": 1.5},
        {"min_value": 3.0, "max_value": 4.0},
        {"rate": 0.5},
        {"rate": 0.0},
    ]
    settings += [
        {"min_value": 0.2, "max_value": 0.8, "rate": 0.25, "axis": 1},
        {"axis": [0, 1]},
        {"min_value": 3.0, "max_value": 3.5, "axis": -1},
    ]
    makers += [constraints.MinMaxNorm(**s) for s in settings]
    plain, deep, zeros = weights(4, 3), weights(2, 3, 2, 2), weights(3, 3)
    zeros[:, 1] = 0.0
    for rule in makers:
        for value in (plain, zeros):
            yield {"constraint": saved(rule), "weights": common.tensor(value), "output": common.tensor(rule(value))}
    for rule in [
        constraints.MaxNorm(1.0, axis=[0, 1, 2]),
        constraints.UnitNorm(axis=[0, 1, 2]),
        constraints.MinMaxNorm(0.5, 1.0, axis=[0, 1, 2]),
    ]:
        yield {"constraint": saved(rule), "weights": common.tensor(deep), "output": common.tensor(rule(deep))}
    value = weights(5)
    for rule in [
        constraints.NonNeg(),
        constraints.MaxNorm(1.0),
        constraints.UnitNorm(),
        constraints.MinMaxNorm(0.5, 0.9),
    ]:
        yield {"constraint": saved(rule), "weights": common.tensor(value), "output": common.tensor(rule(value))}


def sample_facts(initializer, shape):
    """Statistics over at least SAMPLES values, each call with another seed."""
    config = initializer.get_config()
    size = max(int(np.prod(shape)), 1)
    parts = []
    for seed in range(-(-SAMPLES // size)):
        parts.append(np.asarray(type(initializer)(**{**config, "seed": seed})(shape)).reshape(-1))
    values = np.concatenate(parts).astype("float64")
    facts = {
        "count": len(values),
        "mean": values.mean(),
        "stddev": values.std(),
        "min": values.min(),
        "max": values.max(),
    }
    return {k: common.number(v) for k, v in facts.items()}


def scaling_law(config, shape):
    """Keras' formula for VarianceScaling and its named kinds."""
    fan_in, fan_out = compute_fans(shape, input_axes=config["input_axes"], output_axes=config["output_axes"])
    fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[config["mode"]]
    scale = config["scale"] / max(1.0, fan)
    if config["distribution"] == "uniform":
        limit = (3 * scale) ** 0.5
        return {"kind": "uniform", "low": -limit, "high": limit}
    if config["distribution"] == "untruncated_normal":
        return {"kind": "normal", "mean": 0, "stddev": scale**0.5}
    return truncated(0, scale**0.5 / TRUNCATION)


def truncated(mean, stddev):
    """stddev is the one before the cut at mean +- 2 stddev."""
    return {
        "kind": "truncated_normal",
        "mean": mean,
        "stddev": stddev,
        "low": mean - 2 * stddev,
        "high": mean + 2 * stddev,
        "stddev_after_truncation": stddev * TRUNCATION,
    }


SHORT = {
    "GlorotUniform": (1.0, "fan_avg", "uniform"),
    "GlorotNormal": (1.0, "fan_avg", "truncated_normal"),
    "LecunUniform": (1.0, "fan_in", "uniform"),
    "LecunNormal": (1.0, "fan_in", "truncated_normal"),
    "HeUniform": (2.0, "fan_in", "uniform"),
    "HeNormal": (2.0, "fan_in", "truncated_normal"),
}


def law(initializer, shape):
    kind, config = type(initializer).__name__, initializer.get_config()
    if kind == "RandomUniform":
        return {"kind": "uniform", "low": config["minval"], "high": config["maxval"]}
    if kind == "RandomNormal":
        return {"kind": "normal", "mean": config["mean"], "stddev": config["stddev"]}
    if kind == "TruncatedNormal":
        return truncated(config["mean"], config["stddev"])
    if kind in SHORT:
        scale, mode, distribution = SHORT[kind]
        config = {**config, "scale": scale, "mode": mode, "distribution": distribution}
    return scaling_law(config, shape)


def check(law_, facts):
    """The samples obey the formula."""
    spread = law_.get("stddev_after_truncation", law_.get("stddev"))
    if law_["kind"] == "uniform":
        spread = (law_["high"] - law_["low"]) / 12**0.5
        centre = (law_["high"] + law_["low"]) / 2
    else:
        centre = law_["mean"]
    assert abs(facts["mean"] - centre) < 6 * spread / facts["count"] ** 0.5, (law_, facts)
    assert abs(facts["stddev"] / spread - 1) < 0.02, (law_, facts)
    if "low" in law_:
        slack = 1e-6 * max(abs(law_["low"]), abs(law_["high"]))
        assert law_["low"] - slack <= facts["min"] and facts["max"] <= law_["high"] + slack, (law_, facts)


def initializer_cases():
    i = initializers
    exact = [
        (i.Zeros(), [(2, 3), (), (4,)]),
        (i.Ones(), [(2, 3), (4,)]),
        (i.Constant(), [(2,)]),
        (i.Constant(0.3), [(2, 3)]),
        (i.Constant(-2), [(2, 2)]),
        (i.Identity(), [(3, 3), (2, 4), (4, 2)]),
        (i.Identity(gain=0.5), [(3, 3)]),
        (i.STFT(), [(8, 1, 5)]),
        (i.STFT(side="imag", window="hamming", scaling="spectrum", periodic=True), [(6, 1, 4)]),
        (i.STFT(side="real", window=None, scaling=None), [(5, 1, 3)]),
    ]
    for initializer, shapes in exact:
        for shape in shapes:
            yield {
                "initializer": saved(initializer),
                "shape": list(shape),
                "law": {"kind": "exact"},
                "output": common.tensor(initializer(shape)),
            }

    random = [
        i.RandomNormal(),
        i.RandomNormal(mean=1.0, stddev=0.5, seed=4),
        i.RandomUniform(),
        i.RandomUniform(minval=-1.0, maxval=3.0, seed=4),
        i.TruncatedNormal(),
        i.TruncatedNormal(mean=-1.0, stddev=2.0, seed=4),
        i.VarianceScaling(),
        i.VarianceScaling(scale=2.0, mode="fan_out", distribution="uniform", seed=5),
        i.VarianceScaling(scale=0.5, mode="fan_avg", distribution="untruncated_normal", seed=5),
        i.VarianceScaling(scale=3.0, mode="fan_in", distribution="normal", seed=5),
        i.VarianceScaling(distribution="uniform", input_axes=[0], output_axes=[1, 2], mode="fan_out", seed=5),
    ]
    for name in SHORT:
        random += [getattr(i, name)(), getattr(i, name)(seed=9)]
    for initializer in random:
        for shape in (
            [(40, 25)]
            if type(initializer).__name__.startswith(("Random", "Truncated"))
            else [(40, 25), (3, 3, 4, 8), (60,)]
        ):
            if len(shape) < 3 and initializer.get_config().get("input_axes"):
                continue
            found, samples = law(initializer, shape), sample_facts(initializer, shape)
            check(found, samples)
            same = np.array_equal(initializer(shape), initializer(shape))
            yield {
                "initializer": saved(initializer),
                "shape": list(shape),
                "law": {k: common.number(v) if not isinstance(v, str) else v for k, v in found.items()},
                "samples": samples,
                "same_on_every_call": same,
            }
    for gain in (1.0, 0.5):
        for shape in [(5, 3), (3, 5), (4, 4), (2, 3, 4)]:
            value = np.asarray(i.Orthogonal(gain=gain, seed=2)(shape), "float64").reshape(-1, shape[-1])
            rows, columns = value.shape
            product = value.T @ value if rows >= columns else value @ value.T
            error = np.abs(product - gain**2 * np.eye(min(rows, columns))).max()
            assert error < 1e-5
            yield {
                "initializer": saved(i.Orthogonal(gain=gain, seed=2)),
                "shape": list(shape),
                "law": {"kind": "orthogonal", "gain": gain},
                "largest_error": common.number(error),
            }


def fans_cases():
    shapes = [(), (7,), (3, 5), (5, 3), (3, 2, 4), (3, 3, 2, 8), (2, 2, 2, 3, 4), (0, 4)]
    for shape in shapes:
        yield {"shape": list(shape), "fans": list(compute_fans(shape))}
    for shape, inputs, outputs in [((3, 4, 5), [0], [1, 2]), ((3, 4, 5), [0, 1], [2]), ((2, 3), [1], [0])]:
        yield {
            "shape": list(shape),
            "input_axes": inputs,
            "output_axes": outputs,
            "fans": list(compute_fans(shape, inputs, outputs)),
        }


def strings():
    """Which string identifiers the `get` functions take, and the class that each gives."""
    found = {}
    for module in (initializers, regularizers, constraints):
        names = {n for n in dir(module) if not n.startswith("_")}
        names |= {
            "l1l2",
            "L1L2",
            "l1_l2",
            "orthogonal_regularizer",
            "uniform",
            "normal",
            "zero",
            "one",
            "unitnorm",
            "maxnorm",
            "nonneg",
            "stft_initializer",
            "identity_initializer",
            "orthogonal_initializer",
            "none",
            "",
        }
        table = {}
        for name in sorted(names):
            try:
                thing = module.get(name)
                table[name] = (
                    None if thing is None else type(thing).__name__ if not isinstance(thing, type) else thing.__name__
                )
            except (ValueError, TypeError, KeyError):
                table[name] = False
        found[module.__name__.split(".")[-1]] = table
    return found


def errors():
    tries = [
        ("initializers", "VarianceScaling", {"scale": 0.0}),
        ("initializers", "VarianceScaling", {"scale": -1.0}),
        ("initializers", "VarianceScaling", {"mode": "nope"}),
        ("initializers", "VarianceScaling", {"distribution": "nope"}),
        ("initializers", "RandomNormal", {"seed": "x"}),
        ("initializers", "RandomNormal", {"seed": 1.5}),
        ("initializers", "STFT", {"side": "nope"}),
        ("initializers", "STFT", {"scaling": "nope"}),
        ("regularizers", "L1", {"l1": -0.1}),
        ("regularizers", "L1", {"l1": "a"}),
        ("regularizers", "L2", {"l2": -0.1}),
        ("regularizers", "L1L2", {"l1": -0.1}),
        ("regularizers", "L1L2", {"l1": None, "l2": 0.1}),
        ("regularizers", "L1", {"l1": None}),
        ("regularizers", "L1", {"l1": float("inf")}),
        ("regularizers", "L1", {"l1": float("nan")}),
        ("regularizers", "OrthogonalRegularizer", {"mode": "nope"}),
        ("regularizers", "OrthogonalRegularizer", {"factor": "a"}),
        ("regularizers", "OrthogonalRegularizer", {"factor": -0.1}),
        ("constraints", "MaxNorm", {"max_value": -1}),
        ("constraints", "MinMaxNorm", {"min_value": 2.0, "max_value": 1.0}),
        ("constraints", "NonNeg", {"axis": 1}),
    ]
    for module, name, config in tries:
        kind, message = None, None
        try:
            getattr(getattr(keras, module), name)(**config)
        except Exception as raised:  # noqa: BLE001 the kind of error is what is recorded
            kind, message = type(raised).__name__, str(raised).split("\n")[0]
        yield {
            "module": module,
            "class_name": name,
            "config": common.plain(config),
            "stage": "construct",
            "error": kind,
            "message": message,
        }
    calls = [
        (initializers.Identity(), (3,)),
        (initializers.Identity(), (2, 3, 4)),
        (initializers.Orthogonal(), (3,)),
        (regularizers.OrthogonalRegularizer(), (3,)),
        (regularizers.OrthogonalRegularizer(), (2, 3, 4)),
        (constraints.MaxNorm(axis=2), (3, 2)),
    ]
    for thing, shape in calls:
        kind, message = None, None
        try:
            thing(shape) if isinstance(thing, initializers.Initializer) else thing(keras.ops.ones(shape))
        except Exception as raised:  # noqa: BLE001
            kind, message = type(raised).__name__, str(raised).split("\n")[0]
        module = type(thing).__module__.split(".")[2]
        yield {
            "module": module,
            "class_name": type(thing).__name__,
            "config": saved(thing)["config"],
            "shape": list(shape),
            "stage": "call",
            "error": kind,
            "message": message,
        }


def main():
    more = {
        "regularizers": list(regularizer_cases()),
        "constraints": list(constraint_cases()),
        "initializers": list(initializer_cases()),
        "fans": list(fans_cases()),
        "strings": strings(),
        "errors": list(errors()),
    }
    for group in ("regularizers", "constraints", "initializers"):
        for case in more[group]:
            keras.saving.deserialize_keras_object(case[group[:-1]])
    counts = {k: len(v) for k, v in more.items()}
    common.write(common.GOLDEN / "parts.json", __file__, [], **more)
    print("  " + ", ".join(f"{v} {k}" for k, v in counts.items()))


if __name__ == "__main__":
    main()
