"""Write .npy files of every kind with NumPy: spec/golden/npy.json holds their bytes and what is in them."""

import common
import base64
import io
import warnings

import numpy as np


def array(descr, shape):
    values = np.arange(int(np.prod(shape, dtype=np.int64))) - 3
    if descr.endswith("b1"):
        return (values % 2 == 0).reshape(shape)
    if "u" in descr:
        values = values % 251
    if "f" in descr:
        values = values / 7
    return values.reshape(shape).astype(descr)


def case(name, x, version=None):
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy warns that version 2 and 3 are not needed
        np.lib.format.write_array(out, x, version=version, allow_pickle=True)
    readable = x.dtype.kind in "fiub"
    return {
        "name": name,
        "bytes": base64.b64encode(out.getvalue()).decode(),
        "shape": list(x.shape),
        "values": [float(v) if x.dtype.kind + str(x.itemsize) == "f8" else common.number(v) for v in x.ravel()] if readable else None,
    }


def main():
    shapes = [(), (1,), (5,), (2, 3), (3, 1, 4), (0, 3), (2, 0)]
    read = [
        case(f"{descr} {shape}", array(descr, shape))
        for descr in ["<f4", "<f8", "<i4", "<i8", "|b1", "|u1"]
        for shape in shapes
    ]
    read += [case(f"{descr} big-endian", array(descr, (2, 3))) for descr in [">f4", ">f8", ">i4", ">i8"]]
    read += [
        case(f"{descr} fortran {shape}", np.asfortranarray(array(descr, shape)))
        for descr in ["<f4", "<i8", "|b1"]
        for shape in [(2, 3), (3, 2, 4), (1, 5)]
    ]
    read += [case(f"version {major}", array("<f4", (2, 3)), (major, 0)) for major in [1, 2, 3]]
    special = np.array([np.nan, np.inf, -np.inf, -0.0, 1e-45, 3.4028235e38], dtype="<f4")
    read.append(case("special floats", special))
    read.append(case("edges of int32", np.array([-(2**31), 2**31 - 1], dtype="<i8")))
    refused = [
        case("beyond int32", np.array([2**31], dtype="<i8")),
        case("objects", np.array([{"a": 1}, None], dtype=object)),
        case("records", np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")])),
        case("halves", array("<f2", (2, 3))),
        case("complex", np.zeros(2, dtype="<c8")),
        case("text", np.array(["a", "b"])),
    ]
    common.write(common.GOLDEN / "npy.json", __file__, read, numpy=np.__version__, refused=refused)


if __name__ == "__main__":
    main()
