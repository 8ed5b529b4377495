"""spec/golden/mobilenet.json: MobileNet as real Keras builds it, with weights by recipe, in single and double precision.

The weights are 17 MB, so the file has the recipe's scales alone; spec/models/mobilenet.spec.ts follows the same recipe.
"""

import math

from common import GOLDEN, keras, number, np, write

import jax

SHAPE = (1, 224, 224, 3)


def noise(size, stream):
    """Numbers in [-1, 1): the finalizer of MurmurHash3 (Austin Appleby, public domain) of stream and position."""
    h = np.arange(size, dtype=np.uint32) * np.uint32(2654435761) + np.uint32(stream * 40503)
    h = (h ^ (h >> 16)) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> 13)) * np.uint32(0xC2B2AE35)
    return (h ^ (h >> 16)).astype("float64") / 2**31 - 1


def recipe(path, shape):
    """Centre and half width of a weight's values: He's for kernels, so that activations keep their size."""
    if path.endswith("kernel"):
        fan_in = math.prod(shape[:2]) if "_dw_" in path else math.prod(shape[:-1])
        return 0, number(math.sqrt(6 / fan_in))
    if path.endswith("gamma"):
        return 1, 0.2
    if path.endswith("variance"):
        return 1, 0.5
    return 0, 0.1


def predictions(dtype, x):
    keras.config.set_floatx(dtype)
    keras.utils.clear_session()
    net = keras.applications.MobileNet(weights=None)
    weights = []
    for stream, variable in enumerate(net.weights):
        centre, width = recipe(variable.path, variable.shape)
        values = (centre + width * noise(math.prod(variable.shape), stream + 1)).astype("float32")
        variable.assign(values.reshape(variable.shape))
        weights.append([variable.path, centre, width])
    return net, weights, np.asarray(net(x.astype(dtype), training=False))[0]


def main():
    jax.config.update("jax_enable_x64", True)
    x = noise(math.prod(SHAPE), 0).astype("float32").reshape(SHAPE)
    _, _, double = predictions("float64", x)
    assert double.dtype == np.float64
    net, weights, single = predictions("float32", x)
    assert single.dtype == np.float32
    case = {
        "config": net.to_json(),
        "weights": weights,
        "shape": SHAPE,
        "output": [number(v) for v in double],
        "single": number(np.abs(single - double).max()),
    }
    write(GOLDEN / "mobilenet.json", __file__, [case])


if __name__ == "__main__":
    main()
