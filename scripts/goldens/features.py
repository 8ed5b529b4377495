"""What normalisation, embedding, dot and noise layers compute, and what they refuse: spec/golden/features.json."""

from layer_cases import bools, case, each, error, finish, floats, ints

import numpy as np
from keras import initializers, layers, regularizers

AFFINE = {
    "gamma_initializer": initializers.Constant(0.5),
    "beta_initializer": "ones",
    "gamma_regularizer": "l2",
    "beta_regularizer": regularizers.L1(0.1),
    "gamma_constraint": "non_neg",
    "beta_constraint": "unit_norm",
}
PLAIN = [{"center": False}, {"scale": False}, {"center": False, "scale": False}, {"epsilon": 0.1}, AFFINE]


def normalizations():
    x2, x3, x4 = floats(3, 4), floats(2, 3, 4), floats(2, 3, 2, 4)
    L, G, R, U = (
        layers.LayerNormalization,
        layers.GroupNormalization,
        layers.RMSNormalization,
        layers.UnitNormalization,
    )
    each("LayerNormalization", L, [{}, *PLAIN, {"rms_scaling": True}], x2)
    each("LayerNormalization rank 3", L, [{"axis": a} for a in [1, -2, (1, 2), [-1, -2], [2, 1], [1, -1]]], x3)
    each("LayerNormalization rank 4", L, [{"axis": a} for a in [[1, 2, 3], [-1, -3], 1]], x4)
    each("LayerNormalization rank 3", L, [{"axis": 1, "rms_scaling": True, "center": False, "scale": False}], x3)
    case("LayerNormalization mask", lambda: L(), x3, masks=bools(2, 3))
    case("LayerNormalization unknown", lambda: L(), x3, symbolic=[[None, None, 4]])
    case("LayerNormalization int32", lambda: L(), ints(2, 4))
    case("LayerNormalization training", lambda: L(), x3, training=True)
    case("LayerNormalization initial", lambda: L(), x3, initial=True)

    each("GroupNormalization", G, [{"groups": 2}, *[{"groups": 2, **p} for p in PLAIN]], x4)
    each("GroupNormalization", G, [{"groups": n} for n in [1, 4, -1]], x4)
    each("GroupNormalization axis 1", G, [{"groups": n, "axis": 1} for n in [1, 3, -1]], x4)
    each("GroupNormalization axis -2", G, [{"groups": 2, "axis": -2}], x4)
    each("GroupNormalization rank 2", G, [{"groups": 2}], x2)
    each("GroupNormalization rank 3", G, [{"groups": 2}, {"groups": 3, "axis": 1}], x3)
    case("GroupNormalization mask", lambda: G(2), x3, masks=bools(2, 3))
    case("GroupNormalization unknown", lambda: G(2), x4, symbolic=[[None, None, None, 4]])

    each("RMSNormalization", R, [{}, {"epsilon": 0.1}], x2)
    each("RMSNormalization rank 3", R, [{"axis": a} for a in [2, (1, 2), [-1, -2]]], x3)
    case("RMSNormalization mask", lambda: R(), x3, masks=bools(2, 3))
    case("RMSNormalization initial", lambda: R(), x3, initial=True)

    x = floats(2, 3, 4)
    x[1, 1] = 0
    each("UnitNormalization", U, [{}, {"axis": 1}, {"axis": (1, 2)}, {"axis": [-1]}], x)
    case("UnitNormalization mask", lambda: U(), x3, masks=bools(2, 3))


def adapted(data, **options):
    layer = layers.Normalization(**options)
    layer.adapt(data)
    return layer


def rescalings():
    x, image = floats(3, 4), floats(2, 2, 3, 3)
    S, N = layers.Rescaling, layers.Normalization
    each("Rescaling", S, [{"scale": 0.5}, {"scale": 2, "offset": -1}, {"scale": 1 / 255, "offset": 0.25}], x)
    each(
        "Rescaling per channel",
        S,
        [{"scale": [0.5, 1.5, 2.0], "offset": [1.0, 0.0, -1.0]}, {"scale": [1.0, 2.0, 3.0]}],
        image,
    )
    case("Rescaling int32", lambda: S(0.5), ints(2, 3))
    case("Rescaling mask", lambda: S(0.5), floats(2, 3, 4), masks=bools(2, 3))
    each(
        "Normalization",
        N,
        [
            {"mean": 0.5, "variance": 2.0},
            {"mean": [0.5, 1.0, -1.0, 0.25], "variance": [1.0, 4.0, 0.0, 0.5]},
            {"mean": [0.5, 1.0, -1.0, 0.25], "variance": [1.0, 4.0, 0.0, 0.5], "invert": True},
            {"axis": None, "mean": 0.5, "variance": 0.25},
            {},
            {"invert": True},
            {"axis": None},
        ],
        x,
    )
    each("Normalization of images", N, [{}, {"axis": 1}, {"axis": (1, 3)}, {"axis": [-1, 2]}], image)
    each(
        "Normalization of images",
        N,
        [
            {"axis": 1, "mean": [1.0, 2.0], "variance": [4.0, 9.0]},
            {"axis": (1, 3), "mean": [1.0, 2.0, 3.0], "variance": [4.0, 9.0, 1.0]},
            {"axis": (1, 3), "mean": [[1.0, 2.0, 3.0], [0.0, 1.0, 2.0]], "variance": [[4.0, 9.0, 1.0]] * 2},
        ],
        image,
    )
    case("Normalization initial", lambda: N(), x, initial=True)
    case("Normalization adapted", lambda: adapted(x), x, keep=True)
    case("Normalization adapted over two axes", lambda: adapted(image, axis=(1, 3)), image, keep=True)
    case("Normalization adapted over no axis", lambda: adapted(image, axis=None), image, keep=True)
    case("Normalization int32", lambda: N(mean=1.0, variance=4.0), ints(2, 3))
    case("Normalization mask", lambda: N(mean=1.0, variance=4.0), floats(2, 3, 4), masks=bools(2, 3))


def embeddings():
    E = layers.Embedding
    x = np.array([[0, 3, 1], [2, 0, 4]], "int32")
    each(
        "Embedding",
        E,
        [
            {"input_dim": 5, "output_dim": 3},
            {"input_dim": 5, "output_dim": 2, "mask_zero": True},
            {
                "input_dim": 5,
                "output_dim": 3,
                "embeddings_initializer": "ones",
                "embeddings_regularizer": "l2",
                "embeddings_constraint": "non_neg",
                "activity_regularizer": "l1",
            },
        ],
        x,
    )
    case("Embedding of floats", lambda: E(5, 2), x.astype("float32") + 0.5)
    case("Embedding rank 1", lambda: E(4, 2), x[0])
    case("Embedding rank 3", lambda: E(5, 2, mask_zero=True), x.reshape(1, 2, 3))
    case("Embedding out of range", lambda: E(5, 2), np.array([[-1, 5, 7, -9]], "int32"))
    case("Embedding replaces an incoming mask", lambda: E(5, 2, mask_zero=True), x, masks=bools(2, 3))
    case("Embedding mask ends", lambda: E(5, 2), x, masks=bools(2, 3))
    case("Embedding unknown", lambda: E(5, 2, mask_zero=True), x, symbolic=[[None, None]])


def dots():
    D = layers.Dot
    a, b = floats(2, 3, 4), floats(2, 3, 4)
    settings = [{"axes": 1}, {"axes": 2}, {"axes": -1}, {"axes": (2, 2)}, {"axes": [1, 1], "normalize": True}]
    each("Dot", D, settings, [a, b])
    each("Dot of vectors", D, [{"axes": 1}, {"axes": -1, "normalize": True}], [floats(2, 4), floats(2, 4)])
    each("Dot crosswise", D, [{"axes": (1, 2)}, {"axes": (2, 1)}], [floats(2, 3, 4), floats(2, 4, 3)])
    each("Dot ranks 2 and 3", D, [{"axes": (1, 2)}], [floats(2, 4), floats(2, 3, 4)])
    each("Dot ranks 3 and 2", D, [{"axes": (2, 1)}, {"axes": (-1, -1)}], [floats(2, 3, 4), floats(2, 4)])
    each("Dot rank 4", D, [{"axes": (3, 1)}, {"axes": (2, 2)}], [floats(2, 2, 3, 4), floats(2, 4, 3)])
    case("Dot masks end", lambda: D(2), [a, b], masks=[bools(2, 3), bools(2, 3)])
    case("Dot unknown", lambda: D(2), [a, b], symbolic=[[None, None, 4], [None, 3, 4]])


def noises():
    x = floats(3, 4, 2)
    each("GaussianNoise", layers.GaussianNoise, [{"stddev": 0.5}, {"stddev": 0}, {"stddev": 1.0, "seed": 3}], x)
    each("GaussianNoise training", layers.GaussianNoise, [{"stddev": 0.0}], x, training=True)
    each("GaussianDropout", layers.GaussianDropout, [{"rate": 0.5}, {"rate": 0.25, "seed": 3}], x)
    each("GaussianDropout training", layers.GaussianDropout, [{"rate": 0.0}], x, training=True)
    each(
        "AlphaDropout",
        layers.AlphaDropout,
        [{"rate": 0.5}, {"rate": 0.25, "seed": 3}, {"rate": 0.5, "noise_shape": (3, 1, 2)}],
        x,
    )
    each("AlphaDropout", layers.AlphaDropout, [{"rate": 0.5, "noise_shape": [None, 4, 1]}], x)
    each("AlphaDropout training", layers.AlphaDropout, [{"rate": 0.0}], x, training=True)
    for kind in [layers.GaussianNoise, layers.GaussianDropout, layers.AlphaDropout]:
        case(f"{kind.__name__} mask", lambda: kind(0.5), x, masks=bools(3, 4))
        case(f"{kind.__name__} int32", lambda: kind(0.5), ints(2, 3))


def errors():
    for name in ["LayerNormalization", "UnitNormalization"]:
        error(f"{name} axis out of range", name, {"axis": 2}, [None, 3])
        error(f"{name} axis -3", name, {"axis": -3}, [None, 3])
        error(f"{name} axis string", name, {"axis": "a"}, [None, 3])
        error(f"{name} axis None", name, {"axis": None}, [None, 3])
        error(f"{name} axes out of range", name, {"axis": [1, 4]}, [None, 3, 2])
    error("LayerNormalization unknown size", "LayerNormalization", {}, [None, None])
    error("LayerNormalization unknown argument", "LayerNormalization", {"nope": 1})
    error("RMSNormalization axis out of range", "RMSNormalization", {"axis": 2}, [None, 3])
    error("UnitNormalization int32", "UnitNormalization", {}, [None, 3], dtype="int32")
    error("RMSNormalization axis 1", "RMSNormalization", {"axis": 1}, [None, 3, 2])
    error("RMSNormalization unknown size", "RMSNormalization", {}, [None, None])
    for groups in [0, -2, 2.5, "2", None]:
        error(f"GroupNormalization groups {groups!r}", "GroupNormalization", {"groups": groups}, [None, 4])
    error("GroupNormalization groups do not divide", "GroupNormalization", {"groups": 3}, [None, 4])
    error("GroupNormalization more groups than channels", "GroupNormalization", {}, [None, 4])
    error("GroupNormalization unknown channels", "GroupNormalization", {"groups": 2}, [None, None])
    error("GroupNormalization axis out of range", "GroupNormalization", {"groups": 1, "axis": 2}, [None, 4])
    error("Rescaling without scale", "Rescaling", {})
    error("Rescaling string", "Rescaling", {"scale": "a"}, [None, 3])
    error("Rescaling shapes", "Rescaling", {"scale": [1.0, 2.0]}, [None, 3])
    error("Normalization mean alone", "Normalization", {"mean": 1.0})
    error("Normalization variance alone", "Normalization", {"variance": 1.0})
    error("Normalization shapes", "Normalization", {"mean": [1.0, 2.0], "variance": [1.0]})
    error("Normalization rank", "Normalization", {"mean": [[1.0]], "variance": [[1.0]]})
    error("Normalization axis", "Normalization", {"axis": 3}, [None, 3])
    error("Normalization unknown size", "Normalization", {}, [None, None])
    error("Normalization mean of another size", "Normalization", {"mean": [1.0, 2.0], "variance": [1.0, 2.0]}, [None, 3])
    for value in [0, -1, 2.5, "2", None, True]:
        error(f"Embedding input_dim {value!r}", "Embedding", {"input_dim": value, "output_dim": 2})
        error(f"Embedding output_dim {value!r}", "Embedding", {"input_dim": 2, "output_dim": value})
    error("Embedding without output_dim", "Embedding", {"input_dim": 2})
    error("Embedding several inputs", "Embedding", {"input_dim": 2, "output_dim": 2}, [[None, 3], [None, 3]], dtype="int32")
    error("Dot without axes", "Dot", {})
    for axes in ["1", 1.5, [1], [1, 1, 1], [1, "a"], None]:
        error(f"Dot axes {axes!r}", "Dot", {"axes": axes}, [[None, 3], [None, 3]])
    error("Dot batch axis", "Dot", {"axes": 0}, [[3, 3], [3, 3]])
    error("Dot axis out of range", "Dot", {"axes": 2}, [[None, 3], [None, 3]])
    error("Dot sizes", "Dot", {"axes": 1}, [[None, 3], [None, 4]])
    error("Dot batch sizes", "Dot", {"axes": 1}, [[2, 3], [4, 3]])
    error("Dot one tensor, no list", "Dot", {"axes": 1}, [None, 3])
    error("Dot three tensors", "Dot", {"axes": 1}, [[None, 3]] * 3)
    error("GaussianNoise negative", "GaussianNoise", {"stddev": -0.1})
    error("GaussianNoise above 1", "GaussianNoise", {"stddev": 1.5})
    error("GaussianNoise string", "GaussianNoise", {"stddev": "a"})
    for name in ["GaussianDropout", "AlphaDropout"]:
        error(f"{name} negative", name, {"rate": -0.1})
        error(f"{name} above 1", name, {"rate": 1.5})
        error(f"{name} rate 1", name, {"rate": 1.0}, [None, 3])
        error(f"{name} seed string", name, {"rate": 0.5, "seed": "x"})
    error("AlphaDropout noise_shape", "AlphaDropout", {"rate": 0.5, "noise_shape": [1, 2]}, [None, 3])


def main():
    for part in [normalizations, rescalings, embeddings, dots, noises, errors]:
        part()
    finish("features", __file__)


if __name__ == "__main__":
    main()
