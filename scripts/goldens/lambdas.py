"""What Lambda, Identity, input layers and penalties on any layer are in Keras: spec/golden/lambda.json."""

import common
import keras
import layer_cases as cases
from keras import layers, ops

register = keras.saving.register_keras_serializable(package="goldens")


@register
def square(x):
    return x**2


@register
def antirectifier(x):
    x -= ops.mean(x, axis=1, keepdims=True)
    x = x * ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis=1, keepdims=True), 1e-12))
    return ops.concatenate([ops.relu(x), ops.relu(-x)], axis=1)


@register
def antirectifier_output_shape(input_shape):
    return (input_shape[0], 2 * input_shape[1])


@register
def affine(x, factor, shift):
    return x * factor + ops.convert_to_tensor(shift, "float32")


@register
def masked_mean(x, mask=None):
    if mask is None:  # the symbolic call
        return ops.mean(x, axis=1)
    weights = ops.expand_dims(ops.cast(mask, "float32"), -1)
    return ops.sum(x * weights, axis=1) / ops.sum(weights, axis=1)


@register
def mode(x, training=False):
    return -x if training else x


@register
def negated(inputs, mask):
    return None if mask is None else ops.logical_not(mask)


def lambdas():
    x, steps = cases.floats(3, 4), cases.floats(2, 5, 3)
    zeros = x.copy()
    zeros[1] = 0.5
    L, case = layers.Lambda, cases.case
    case("square", lambda: L(square), x)
    case("square rank 3", lambda: L(square), steps)
    case("antirectifier", lambda: L(antirectifier, output_shape=antirectifier_output_shape), zeros)
    case("affine", lambda: L(affine, arguments={"factor": 3, "shift": [1.0, 2.0, -1.0, 0.5]}), x)
    case("maskedMean", lambda: L(masked_mean), steps, masks=cases.bools(2, 5))
    case("mode", lambda: L(mode), x)
    case("mode training", lambda: L(mode), x, training=True)
    case("square mask ends", lambda: L(square), steps, masks=cases.bools(2, 5))
    case("square mask negated", lambda: L(square, mask=negated), steps, masks=cases.bools(2, 5))
    case("square penalised", lambda: L(square, activity_regularizer="l1"), x)


def identity():
    cases.case("Identity", lambda: layers.Identity(), cases.floats(3, 4))
    cases.case("Identity int32", lambda: layers.Identity(name="same"), cases.ints(2, 3))
    cases.case("Identity mask", lambda: layers.Identity(), cases.floats(2, 4, 3), masks=cases.bools(2, 4))


def penalties():
    """The argument that every layer has, at two values, on layers of several kinds."""
    x, steps = cases.floats(3, 4), cases.floats(2, 3, 4)
    for rule in ["l1", "l2"]:
        kinds = [
            (lambda: layers.Identity(activity_regularizer=rule), x),
            (lambda: layers.Permute((2, 1), activity_regularizer=rule), steps),
            (lambda: layers.Add(activity_regularizer=rule), [steps, cases.floats(2, 3, 4)]),
            (lambda: layers.BatchNormalization(activity_regularizer=rule), x),
            (lambda: layers.LeakyReLU(activity_regularizer=rule), x),
        ]
        for make, value in kinds:
            cases.case(f"{type(make()).__name__}(activity_regularizer={rule})", make, value)


def inputs():
    """Configs of input layers."""
    settings = [
        {"shape": (3,)},
        {"shape": (None, 4), "name": "steps"},
        {"shape": (3,), "batch_size": 2},
        {"batch_shape": (None, None, 2), "dtype": "int32"},
        {"shape": (), "dtype": "bool"},
        {"shape": (5,), "sparse": True},
    ]
    result = []
    for kwargs in settings:
        keras.backend.clear_session()
        result.append({"options": common.plain(kwargs), "config": common.plain(layers.InputLayer(**kwargs).get_config())})
    return result


def main():
    lambdas()
    identity()
    penalties()
    common.write(common.GOLDEN / "lambda.json", __file__, cases.CASES, inputs=inputs())


if __name__ == "__main__":
    main()
