"""What keras.ops compute, edge values included: spec/golden/ops.json."""

import common

import keras
import numpy as np

INF, NAN = float("inf"), float("nan")
RANDOM = common.rng()
CASES = []
SEEN = {}


def floats(*shape, low=-3.0, high=3.0):
    return RANDOM.uniform(low, high, shape).astype("float32").round(3).astype("float32")


def ints(*shape, low=-5, high=6):
    return RANDOM.integers(low, high, shape).astype("int32")


def bools(*shape):
    return RANDOM.random(shape) < 0.5


def f32(*values):
    return np.array(values, "float32")


def i32(*values):
    return np.array(values, "int32")


EDGES = f32(
    0.0,
    -0.0,
    1,
    -1,
    0.5,
    -0.5,
    1.5,
    -1.5,
    2.5,
    -2.5,
    3.5,
    0.3,
    -0.7,
    10,
    -10,
    88,
    -88,
    1e-3,
    -1e-7,
    1e-30,
    1e10,
    -1e10,
    3e38,
    -3e38,
    INF,
    -INF,
    NAN,
)
DENORMAL = f32(1e-38, -1e-38, 1e-45, 1.1754944e-38)


def record(value):
    """Arguments and results as JSON: arrays become tensors."""
    if isinstance(value, (list, tuple)):
        return [record(v) for v in value]
    if isinstance(value, np.ndarray) or keras.ops.is_tensor(value):
        return common.tensor(value)
    return common.plain(value)


def live(value):
    if isinstance(value, (list, tuple)):
        return [live(v) for v in value]
    return keras.ops.convert_to_tensor(value) if isinstance(value, np.ndarray) else value


def add(op, args, kwargs, output):
    SEEN[op] = SEEN.get(op, 0) + 1
    result = {
        "name": f"{op} {SEEN[op]}",
        "op": op,
        "args": [record(a) for a in args],
        "kwargs": {k: record(v) for k, v in kwargs.items()},
        "output": record(output),
    }
    if args and args[0] is DENORMAL:
        result["denormal"] = True  # XLA treats these values as zeros
    CASES.append(result)


def case(op, *args, **kwargs):
    add(op, args, kwargs, getattr(keras.ops, op)(*[live(a) for a in args], **{k: live(v) for k, v in kwargs.items()}))


def each(ops, *args, **kwargs):
    for op in ops.split():
        case(op, *args, **kwargs)


def elementwise():
    binary = "add subtract multiply divide floor_divide mod power maximum minimum"
    compare = "equal not_equal less less_equal greater greater_equal"
    logic = "logical_and logical_or logical_xor"
    x, y = floats(2, 3), floats(2, 3)
    y[0, 0] = x[0, 0]
    for op in binary.split() + compare.split():
        a = np.abs(x) if op == "power" else x
        case(op, a, y)
        case(op, floats(2, 1, 3, low=0.5), floats(4, 1))
        case(op, floats(3, low=0.5), floats(2, 3, low=-2))
        case(op, floats(1, low=0.5), floats(2, 2, low=0.1))
        case(op, f32(2.5).reshape(()), y)
        case(op, a, 2)
        case(op, a, 2.5)
        case(op, 3.0, y)
        case(op, floats(0, 3), floats(3))
    left = f32(0, 0, -0.0, 1, -1, INF, INF, -INF, NAN, 1, NAN, 3e38, 1e-30, 5.5, -5.5, 5.5, -5.5, 0.0, -0.0)
    right = f32(0, -0.0, 0, 0, 0, INF, -INF, 1, 1, NAN, NAN, 3e38, 1e-30, 2, 2, -2, -2, -0.0, 0.0)
    each("add subtract multiply divide maximum minimum " + compare, left, right)
    each("floor_divide mod", left[13:17], right[13:17])
    case(
        "power",
        f32(0, 0, 0, 1, -1, -2, -2, -2, 2, INF, -INF, NAN, 4, 1, 0),
        f32(0, 1, -1, INF, 2, 3, 2, 0.5, -2, 2, 3, 0, 0.5, NAN, NAN),
    )
    p, q = i32([7, -7, 7, -7], [0, 5, -1, 2]), i32([2, 2, -2, -2], [3, -5, 4, 7])
    each("add subtract multiply divide floor_divide mod maximum minimum " + compare, p, q)
    case("power", i32(2, -3, 0, 5), i32(3, 2, 0, 1))
    each("add subtract multiply maximum minimum", p, f32([0.5, 1.5, 2.5, -1], [1, 2, 3, 4]))
    each("add multiply divide mod floor_divide greater equal", p, 2)
    each("add multiply divide less", p, 2.5)
    m, n = np.array([True, True, False, False]), np.array([True, False, True, False])
    each("add multiply maximum minimum " + compare + " " + logic, m, n)
    each("add multiply subtract", m, f32(1.5, 2.5, 3.5, 4.5))
    each("add multiply subtract", m, i32(1, 2, 3, 4))
    each(logic, f32(0, -0.0, 1, NAN), f32(1, 0, 2, 0))
    each(logic, i32([0, 3], [2, 0]), np.array([True, False]))
    for value in (m, f32(0, -0.0, 0.5, NAN, INF), i32(0, 1, -2)):
        case("logical_not", value)

    unary = "negative abs sign exp expm1 log log1p log2 log10 sqrt rsqrt square reciprocal sin cos tan tanh sinh cosh arcsin arccos arctan arcsinh arccosh arctanh erf floor ceil round trunc isnan isfinite isinf"
    for op in unary.split():
        if op in ("sin", "cos", "tan"):
            near = np.concatenate([EDGES[:20], EDGES[-3:]])  # far away the reductions of math libraries differ
        else:
            near = EDGES
        case(op, near)
        case(op, floats(2, 3, low=0.1, high=0.9))
        if op not in (
            "erf",
            "arccosh",
            "arctanh",
            "log",
            "log1p",
            "log2",
            "log10",
            "sqrt",
            "rsqrt",
            "reciprocal",
            "arcsin",
            "arccos",
        ):
            case(op, i32(-2, -1, 0, 1, 3))
    each("abs sign negative square sqrt isnan isfinite floor round", DENORMAL)
    case("round", f32(0.5, 1.5, 2.5, 3.5, -0.5, -1.5, -2.5, 0.49999997, 8388609, 1e9))
    case("round", f32(1.25, -1.35, 12.345), decimals=1)
    case("round", f32(1250, 1350, -15), decimals=-2)
    each("abs sign square exp sqrt log", i32(0, 1, 4))
    each("abs sqrt exp", np.array([True, False]))

    x = floats(2, 3)
    case("clip", x, -1.0, 1.5)
    case("clip", x, -1, 1)
    case("clip", f32(NAN, INF, -INF, -0.0, 0.0), -1.0, 1.0)
    case("clip", ints(2, 3), -2, 3)
    case("clip", x, floats(3, low=-1, high=0), floats(2, 1, low=0, high=1))
    case("clip", x, 1.0, -1.0)
    for dtype in ("float32", "int32", "bool"):
        case("cast", f32(0, -0.0, 1.9, -1.9, 0.5, 2.5, 100), dtype)
        case("cast", i32(0, -3, 7, 2000000000), dtype)
        case("cast", np.array([True, False]), dtype)
    c = np.array([[True], [False]])
    case("where", c, floats(2, 3), floats(3))
    case("where", np.array([True, False, True]), f32(1, 2, 3), 0.0)
    case("where", np.array([True, False, True]), i32(1, 2, 3), 0)
    case("where", np.array([True, False, True]), i32(1, 2, 3), 0.5)
    case("where", np.array([True, False]), f32(NAN, 1), f32(2, NAN))
    case("where", f32(0, 2), f32(1, 1), f32(5, 5))
    case("logaddexp", floats(4), floats(4))
    case("isclose", f32(1, 1, NAN, INF), f32(1 + 1e-7, 1.1, NAN, INF))
    case("nan_to_num", f32(NAN, INF, -INF, 1))


def reductions():
    x, whole, flags = floats(2, 3, 4), ints(2, 3, 4), bools(2, 3, 4)
    for op in "sum prod max min mean var std any all".split():
        value = flags if op in ("any", "all") else x
        for axis in (None, 0, 1, -1, -3, (0, 2), (-1, -2), (0, 1, 2)):
            case(op, value, axis=axis)
        case(op, value, axis=1, keepdims=True)
        case(op, value, keepdims=True)
        case(op, value, axis=(0, -1), keepdims=True)
        case(op, whole, axis=1)
        if op not in ("prod", "max", "min", "var", "std"):
            case(op, flags if op != "any" else x, axis=0)
        case(op, floats(4))
        case(op, f32(2.5).reshape(()))
    each("sum prod any all mean", np.zeros((2, 0), "float32"), axis=1)
    each("sum prod", bools(4))
    case("max", bools(3, 2), axis=0)
    each("sum prod max min mean var std any all argmax argmin", f32(1, NAN, 3))
    each("sum prod max min mean argmax argmin", f32(1, INF, -2, 4))
    each("max min", f32(-0.0, 0.0))
    each("any all", f32([0, -0.0, NAN], [1, 2, 3]), axis=1)
    ties = f32([1, 3, 3, 2], [2, 2, 1, 1], [5, 5, 5, 5])
    for op in ("argmax", "argmin"):
        for axis in (None, 0, 1, -1):
            case(op, ties, axis=axis)
        case(op, x, axis=1, keepdims=True)
        case(op, x, keepdims=True)
        case(op, whole, axis=-1)
        case(op, np.array([[False, True, True], [True, False, False]]), axis=1)
    for kwargs in ({}, {"axis": 1}, {"axis": -1, "keepdims": True}, {"axis": (0, 2)}):
        case("logsumexp", x, **kwargs)
    case("logsumexp", f32(1000, 1000))
    case("logsumexp", f32(-INF, -INF))
    case("logsumexp", f32(INF, 1))
    for axis in (None, 0, -1):
        case("cumsum", x, axis=axis)
        case("cumprod", x, axis=axis)
    case("cumsum", whole, axis=1)
    case("count_nonzero", whole, axis=1)
    case("average", floats(3, 2), axis=0, weights=f32(1, 2, 3))
    case("average", floats(3, 2))
    case("norm", floats(3, 2))
    case("norm", floats(3, 2), axis=1)
    case("norm", floats(3, 2), ord=1, axis=0, keepdims=True)


def products():
    shapes = [
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((3,), (3, 2)),
        ((2, 3), (3, 4)),
        ((4, 2, 3), (4, 3, 2)),
        ((4, 2, 3), (3, 2)),
    ]
    shapes += [
        ((1, 2, 3), (4, 3, 2)),
        ((2, 1, 2, 3), (3, 3, 1)),
        ((2, 3), (4, 3, 2)),
        ((4, 2, 3), (3,)),
        ((3,), (4, 3, 2)),
        ((2, 0), (0, 3)),
        ((0, 2), (2, 3)),
    ]
    for a, b in shapes:
        case("matmul", floats(*a), floats(*b))
    case("matmul", ints(2, 3), ints(3, 2))
    case("matmul", ints(2, 3), floats(3, 2))
    case("matmul", bools(2, 3), bools(3, 2))
    case("matmul", f32([1, INF], [0, 1]), f32([0, 1], [1, NAN]))
    for a, b in [
        ((3,), (3,)),
        ((2, 3), (3, 4)),
        ((2, 3), (3,)),
        ((2, 2, 3), (3, 2)),
        ((2, 2, 3), (2, 3, 2)),
        ((2, 3), ()),
    ]:
        case("dot", floats(*a), floats(*b))
    case("tensordot", floats(2, 3, 4), floats(3, 4, 2), axes=2)
    case("tensordot", floats(2, 3, 4), floats(4, 3), axes=[[1, 2], [1, 0]])
    case("tensordot", floats(2, 3), floats(2), axes=0)
    for text, *operands in [
        ("bij,bjk->bik", (2, 3, 4), (2, 4, 2)),
        ("abc,cd->abd", (2, 2, 3), (3, 2)),
        ("ij->ji", (2, 3)),
        ("bi,bi->b", (3, 4), (3, 4)),
        ("ij->", (2, 3)),
    ]:
        case("einsum", text, *[floats(*s) for s in operands])
    case("outer", floats(2), floats(3))
    case("vdot", floats(2, 2), floats(2, 2))


def shaping():
    x, whole = floats(2, 3, 4), ints(2, 3)
    for axes in (None, (0, 2, 1), (2, 0, 1), (-1, 0, 1)):
        case("transpose", x, **({} if axes is None else {"axes": axes}))
    case("transpose", whole)
    case("transpose", floats(3))
    for shape in ((6, 4), (-1,), (3, -1), (2, 1, 3, 4), (24,)):
        case("reshape", x, shape)
    case("reshape", floats(1), ())
    case("reshape", np.zeros((0, 3), "float32"), (3, 0))
    for axis in (0, 1, -1, -2, 3):
        case("expand_dims", x, axis)
    case("expand_dims", x, (0, -1))
    y = floats(1, 3, 1, 2)
    for axis in (None, 0, 2, -2, (0, 2)):
        case("squeeze", y, axis=axis)
    case("broadcast_to", floats(3, 1), (2, 3, 4))
    case("broadcast_to", floats(1), (2, 2))
    case("broadcast_to", bools(2, 1), (2, 3))
    for axis in (0, 1, -1):
        case("concatenate", [floats(2, 2), floats(2, 2)], axis=axis)
        case("stack", [floats(2, 3), floats(2, 3)], axis=axis)
    case("concatenate", [floats(1, 2), floats(3, 2), floats(0, 2)])
    case("concatenate", [whole, floats(2, 1)], axis=1)
    case("concatenate", [bools(2), bools(1)])
    case("stack", [ints(2), ints(2), ints(2)])
    for kwargs in ({"axis": 0}, {"axis": -1}, {}):
        case("repeat", floats(2, 3), 2, **kwargs)
    case("repeat", floats(2, 3), i32(1, 0, 2), axis=1)
    for reps in (2, (2, 1), (1, 3), (2, 1, 2)):
        case("tile", floats(2, 2), reps)
    for axis in (None, 0, 1, -1, (0, 1)):
        case("flip", floats(2, 3), axis=axis)
    case("pad", floats(2, 2), ((1, 0), (0, 2)))
    case("pad", floats(2, 2), 1)
    case("pad", floats(2, 2), ((0, 1), (1, 1)), constant_values=-1.5)
    case("pad", whole, ((1, 1), (0, 0)), constant_values=7)
    case("pad", floats(3), ((2, 1),), mode="reflect")
    case("pad", floats(3), ((2, 1),), mode="symmetric")
    case("pad", floats(3), ((2, 1),), mode="edge")
    case("slice", x, (0, 1, 2), (2, 2, 1))
    case("slice", whole, (1, 0), (1, 3))
    for op in ("swapaxes", "moveaxis"):
        case(op, x, 0, 2)
        case(op, x, -1, 1)
    case("roll", floats(2, 4), 1)
    case("roll", floats(2, 4), -1, axis=1)
    case("split", floats(2, 6), 3, axis=1)
    case("split", floats(2, 6), [1, 4], axis=-1)
    case("unstack", floats(3, 2), axis=0)
    case("ravel", x)
    case("diag", floats(3))
    case("diag", floats(3, 3))
    case("tril", floats(3, 3))
    case("triu", floats(3, 4), k=1)
    case("zeros_like", whole)
    case("ones_like", x)
    case("full_like", x, 2.5)
    for args in ((5,), (2, 7), (0, 1, 0.25), (5, 0, -2)):
        case("arange", *args)
    case("arange", 3, dtype="float32")
    case("linspace", 0.0, 1.0, num=5)
    case("eye", 2, 3)
    case("full", (2, 2), 3.5)
    case("sort", floats(2, 4))
    case("sort", floats(2, 4), axis=0)
    case("argsort", f32([2, 1, 2, 0], [1, 1, 1, 1]))
    case("top_k", f32([1, 5, 3, 5], [4, 3, 2, 1]), 2)

    z = floats(4, 5, 2)
    slices = [
        ([0, 0, 0], [2, 5, 2], [1, 1, 1]),
        ([None, 1, None], [None, None, None], [2, 2, None]),
        ([-1, None, 0], [None, -1, 1], [1, 1, 1]),
    ]
    slices += [
        ([None, None, None], [None, None, None], [-1, -2, 1]),
        ([3, 4, None], [0, 1, None], [-1, -1, None]),
        ([1, -3, None], [100, -1, None], [None, None, None]),
        ([3, 0, 0], [1, 5, 2], [1, 1, 1]),
    ]
    for begin, end, strides in slices:
        output = live(z)[tuple(slice(b, e, s) for b, e, s in zip(begin, end, strides))]
        add("strided_slice", (z,), {"begin": begin, "end": end, "strides": strides}, output)
    w = live(z)
    for name, index, output in [
        ("integers", [1, -1], w[1, -1]),
        ("ellipsis and integer", ["...", 0], w[..., 0]),
        ("new axis", [None, [0, 2, None]], w[None, 0:2]),
        ("integer, slice", [2, [None, None, 2]], w[2, ::2]),
    ]:
        add("getitem", (z,), {"index": index, "label": name}, output)


def indexing():
    x = floats(3, 4)
    for axis in (None, 0, 1, -1):
        case("take", x, i32(2, 0, -1), axis=axis)
    case("take", x, i32([0, 1], [1, 2]), axis=0)
    case("take", x, 1, axis=1)
    case("take", ints(5), i32(4, -5, 0))
    case("take_along_axis", x, i32([0, 1], [3, -1], [2, 2]), axis=1)
    case("take_along_axis", x, i32([[0, 1, 2, 0]]).reshape(1, 4), axis=0)
    case("one_hot", i32(0, 2, 1), 3)
    case("one_hot", i32([0, 3], [-1, 2]), 3)
    case("one_hot", i32(1, 0), 2, axis=0)
    case("one_hot", i32(1, 0), 3, dtype="int32")
    case("segment_sum", f32(1, 2, 3, 4), i32(0, 0, 2, 1), num_segments=4)
    case("scatter", i32([[0], [2], [0]]).reshape(3, 1), f32(1, 2, 4), (4,))


def activations():
    x = floats(3, 6, low=-5, high=5)
    edges = np.concatenate([EDGES[:20], f32(20, -20, 100, -100, INF, -INF, NAN)])
    plain = "relu relu6 leaky_relu elu selu celu gelu silu softplus softsign hard_sigmoid hard_silu hard_tanh log_sigmoid mish tanh_shrink soft_shrink hard_shrink squareplus sparse_plus sparse_sigmoid sigmoid swish hard_swish"
    for op in plain.split():
        if hasattr(keras.ops, op):
            case(op, x)
            case(op, edges)
    each("softmax log_softmax sparsemax", x)
    case("leaky_relu", x, negative_slope=0.5)
    case("elu", x, alpha=0.5)
    case("celu", x, alpha=2.0)
    each("gelu", x, approximate=False)
    each("gelu", edges, approximate=False)
    case("soft_shrink", x, threshold=1.0)
    case("hard_shrink", x, threshold=1.0)
    case("squareplus", x, b=1)
    case("threshold", x, 0.5, -1.0)
    case("threshold", edges, 0.5, -1.0)
    case("glu", x)
    case("glu", floats(4, 3), axis=0)
    y = floats(2, 3, 4, low=-5, high=5)
    for op in ("softmax", "log_softmax", "sparsemax"):
        for axis in (0, 1, -1, -2):
            case(op, y, axis=axis)
    for op in ("softmax", "log_softmax"):
        case(op, y, axis=None)
        case(op, f32([1000, 1000, 0], [-1000, -1000, -2000], [0, 0, 0]))
        case(op, f32([-INF, 0, 1], [INF, 0, 1], [NAN, 0, 1], [-INF, -INF, -INF]))
    case("softmax", y, axis=(1, 2))
    case("softmax", ints(2, 3))
    case("softmax", floats(2, 1))
    z = floats(3, 4)
    z[1] = 0.0
    for kwargs in ({}, {"axis": 0}, {"axis": -1, "order": 1}, {"axis": 1, "order": 3}, {"epsilon": 0.5}):
        case("normalize", z, **kwargs)
    for kwargs in ({}, {"axis": 1, "order": 1}, {"axis": -1, "order": 2}):  # axis 0 is broken in Keras
        add("utils.normalize", (z,), kwargs, keras.utils.normalize(z, **kwargs))
    add(
        "utils.to_categorical",
        (i32(0, 2, 1),),
        {"num_classes": 4},
        keras.utils.to_categorical(i32(0, 2, 1), num_classes=4),
    )
    add("utils.to_categorical", (i32(0, 2, 1),), {}, keras.utils.to_categorical(i32(0, 2, 1)))
    mean, variance = floats(3), floats(3, low=0.1)
    case("batch_normalization", floats(4, 3), mean, variance, axis=-1)
    case("batch_normalization", floats(4, 3), mean, variance, axis=1, offset=floats(3), scale=floats(3), epsilon=0.01)
    case("batch_normalization", floats(2, 3, 2), mean, variance, axis=1, offset=floats(3))
    case("moments", floats(4, 3), axes=[0])
    case("moments", floats(2, 3, 2), axes=[0, 2], keepdims=True)


def main():
    for part in [elementwise, reductions, products, shaping, indexing, activations]:
        part()
    common.write(common.GOLDEN / "ops.json", __file__, CASES, counts=SEEN)


if __name__ == "__main__":
    main()
