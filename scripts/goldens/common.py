"""Shared by the golden generators: fixes the backend, encodes tensors, writes golden files."""

import datetime
import hashlib
import json
import math
import os
import pathlib
import unittest.mock

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["COLUMNS"] = "88"  # model.summary never writes wider lines than the terminal
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras  # noqa: E402
import numpy as np  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "spec" / "golden"
SEED = 20240607

assert keras.__version__ == "3.15.1", keras.__version__
assert keras.backend.backend() == "jax"


def rng(seed=SEED):
    """A fresh generator with the fixed seed."""
    return np.random.default_rng(seed)


def number(value):
    """A JSON value for one number: the shortest digits that round-trip float32; 9 digits for other floats."""
    if isinstance(value, (bool, np.bool_)):
        return int(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    original, value = value, float(value)
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == 0:
        return -0.0 if math.copysign(1, value) < 0 else 0
    short = float(str(original)) if isinstance(original, np.float32) else float(f"{value:.9g}")
    return int(short) if short.is_integer() and abs(short) < 1e9 else short


def tensor(value):
    """A tensor object {dtype, shape, data}; anything but bool and integers becomes float32."""
    array = np.asarray(keras.ops.convert_to_numpy(value))
    if array.dtype == np.bool_:
        dtype = "bool"
    elif array.dtype.kind in "iu":
        dtype = "int32"
    else:
        dtype, array = "float32", array.astype("float32")
    return {"dtype": dtype, "shape": list(array.shape), "data": [number(v) for v in array.reshape(-1)]}


def tensors(values):
    """Tensor objects of a list of tensors, or of one tensor."""
    return [tensor(v) for v in (values if isinstance(values, (list, tuple)) else [values])]


def plain(value):
    """`value` with tuples, numpy scalars, NaN and infinities made JSON."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else number(value)
    if isinstance(value, np.ndarray) or keras.ops.is_tensor(value):
        return tensor(value)
    return number(value)


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def save(model, path):
    """`model.save` with a stopped clock and counted object ids: the same model gives the same bytes."""
    moment = datetime.datetime(2026, 1, 1)
    seen = {}
    with (
        unittest.mock.patch(
            "keras.src.saving.serialization_lib.id",
            lambda thing: seen.setdefault(id(thing), (len(seen) + 1, thing))[0],
            create=True,
        ),
        unittest.mock.patch("keras.src.saving.saving_lib.datetime.datetime") as clock,
        unittest.mock.patch("time.localtime", return_value=moment.timetuple()),
    ):
        clock.now.return_value = moment
        model.save(path)


def header(script):
    return {
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "script": pathlib.Path(script).name,
        "sha256": sha256(script),
    }


def write(path, script, cases, **more):
    """Write a golden file: header, extra fields, cases."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    body = {**header(script), **more, "cases": cases}
    text = json.dumps(body, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    path.write_text(text + "\n")
    print(f"{path.relative_to(ROOT)}: {len(cases)} cases, {path.stat().st_size} bytes")
