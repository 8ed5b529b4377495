"""Save small convolutional and other networks of today and what Keras computes with them: spec/golden/models/networks.json."""

import common

import keras
import numpy as np
from keras import layers, ops

from models import OUT, as_structure, facts, flat, make_inputs, settle_weights


def chain(x, *steps):
    for step in steps:
        x = step(x)
    return x


def small_cnn():
    return keras.Sequential(
        [
            keras.Input((9, 8, 2)),
            layers.Conv2D(4, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(2),
            layers.Conv2D(6, (3, 2), strides=(1, 2), dilation_rate=1),
            layers.BatchNormalization(scale=False),
            layers.Activation("relu"),
            layers.AveragePooling2D(2, padding="same"),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(3, activation="softmax"),
        ],
        name="small_cnn",
    )


def channels_first():
    first = {"data_format": "channels_first"}
    a = keras.Input((3, 8, 7))
    x = chain(
        a,
        layers.ZeroPadding2D(((1, 0), (2, 1)), **first),
        layers.Conv2D(4, 3, strides=2, **first),
        layers.BatchNormalization(axis=1),
        layers.Activation("relu"),
    )
    y = chain(
        x,
        layers.DepthwiseConv2D(3, padding="same", **first),
        layers.BatchNormalization(axis=1),
        layers.ReLU(6.0),
        layers.Conv2D(4, 1, **first),
    )
    x = layers.Add()([x, y])
    x = layers.MaxPooling2D(2, **first)(x)
    flattened = layers.Flatten(**first)(x)
    pooled = layers.GlobalAveragePooling2D(**first)(x)
    return keras.Model(a, [layers.Dense(2)(flattened), layers.Dense(2)(pooled)], name="channels_first")


def mobile_net():
    a = keras.Input((11, 10, 3))
    x = chain(
        a,
        layers.ZeroPadding2D(((0, 1), (0, 1))),
        layers.Conv2D(4, 3, strides=2, use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(6.0),
        layers.DepthwiseConv2D(3, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(6.0),
        layers.Conv2D(4, 1, padding="same", use_bias=False),
        layers.BatchNormalization(),
    )
    y = chain(x, layers.SeparableConv2D(4, 3, padding="same", depth_multiplier=2), layers.BatchNormalization())
    x = layers.Add()([x, y])
    x = chain(
        x,
        layers.DepthwiseConv2D((3, 2), strides=2, depth_multiplier=2, padding="same"),
        layers.GlobalAveragePooling2D(keepdims=True),
        layers.Dropout(0.1),
        layers.Conv2D(3, 1),
        layers.Reshape((3,)),
        layers.Activation("softmax"),
    )
    return keras.Model(a, x, name="mobile_net")


def u_net():
    a = keras.Input((8, 12, 2))
    top = layers.Conv2D(4, 3, padding="same", activation="relu")(a)
    middle = chain(top, layers.MaxPooling2D(), layers.Conv2D(4, 3, padding="same", activation="relu"))
    bottom = chain(middle, layers.MaxPooling2D(), layers.Conv2D(4, 3, padding="same", activation="relu"))
    x = layers.Conv2DTranspose(4, 3, strides=2, padding="same")(bottom)
    x = chain(layers.Concatenate()([x, middle]), layers.Conv2D(4, 3, padding="same", activation="relu"))
    x = layers.UpSampling2D(2, interpolation="bilinear")(x)
    x = layers.Concatenate()([x, top])
    x = layers.Conv2DTranspose(3, 2, strides=1)(x)
    x = layers.Cropping2D(((1, 0), (0, 1)))(x)
    return keras.Model(a, layers.Conv2D(1, 1, activation="sigmoid")(x), name="u_net")


def bag_of_words():
    a = keras.Input((None,), dtype="int32", name="words_with_time")
    x = layers.Embedding(9, 4, mask_zero=True)(a)
    x = layers.Dropout(0.2)(x)
    x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(a, layers.Dense(2, activation="softmax")(x), name="bag_of_words_over_time")


def efficient_net():
    a = keras.Input((7, 8, 3))
    x = layers.Rescaling(1 / 255, offset=0.5)(a)
    x = layers.Normalization()(x)
    x = layers.Rescaling([2.0, 1.0, 0.5])(x)
    x = chain(x, layers.Conv2D(4, 3, strides=2, padding="same", use_bias=False), layers.BatchNormalization())
    x = layers.Activation("swish")(x)
    se = chain(
        x,
        layers.GlobalAveragePooling2D(),
        layers.Reshape((1, 1, 4)),
        layers.Conv2D(2, 1, padding="same", activation="swish"),
        layers.Conv2D(4, 1, padding="same", activation="sigmoid"),
    )
    y = layers.multiply([x, se])
    y = layers.Dropout(0.2, noise_shape=(None, 1, 1, 1))(y)
    y = layers.add([x, y])
    hard = ops.relu6(y + 3.0) * (1.0 / 6.0)
    y = layers.Multiply()([y, hard])
    return keras.Model(a, chain(y, layers.GlobalAveragePooling2D(), layers.Dense(3)), name="efficient_net")


def norms():
    a = keras.Input((5, 6))
    x = layers.LayerNormalization()(a)
    x = layers.Dense(8, activation="gelu")(x)
    x = layers.Dense(6)(x) + a
    x = layers.GroupNormalization(3)(x)
    x = layers.RMSNormalization()(x)
    x = layers.GaussianNoise(0.1)(x)
    y = layers.LayerNormalization(axis=[1, 2], center=False)(x)
    return keras.Model(a, [layers.UnitNormalization()(x), layers.Dot(axes=2)([x, y])], name="norms")


def any_size():
    a = keras.Input((None, None, 2), name="image_of_any_time")
    x = chain(
        a,
        layers.Conv2D(3, 3, strides=2, padding="same"),
        layers.MaxPooling2D(3, strides=2, padding="same"),
        layers.AveragePooling2D(2, strides=1, padding="same"),
        layers.UpSampling2D(2),
    )
    return keras.Model(a, [x, layers.GlobalMaxPooling2D()(x)], name="any_size")


def sequences():
    a = keras.Input((12, 3))
    x = chain(
        a,
        layers.Conv1D(4, 3, padding="causal", dilation_rate=2, activation="tanh"),
        layers.SeparableConv1D(4, 3, padding="same"),
        layers.MaxPooling1D(2),
        layers.DepthwiseConv1D(2, depth_multiplier=2),
        layers.ZeroPadding1D(1),
        layers.Conv1DTranspose(3, 4, strides=2, padding="same"),
        layers.Cropping1D((1, 2)),
        layers.Conv1D(6, 2, groups=3, strides=2),
        layers.UpSampling1D(2),
        layers.AveragePooling1D(3, strides=1),
        layers.GlobalMaxPooling1D(),
        layers.GaussianDropout(0.1),
        layers.AlphaDropout(0.1),
    )
    return keras.Model(a, x, name="sequences")


def volumes():
    a = keras.Input((4, 5, 3, 2))
    x = chain(
        a,
        layers.ZeroPadding3D((0, 1, 1)),
        layers.Conv3D(3, 2, strides=(1, 2, 1), activation="relu"),
        layers.BatchNormalization(),
        layers.MaxPooling3D((1, 2, 2)),
        layers.Conv3DTranspose(2, 2, strides=2),
        layers.Cropping3D((1, 0, 0)),
        layers.UpSampling3D((1, 2, 1)),
        layers.AveragePooling3D(2, padding="same"),
    )
    return keras.Model(a, [layers.GlobalAveragePooling3D()(x), layers.GlobalMaxPooling3D()(x)], name="volumes")


def more_op_nodes():
    a = keras.Input((4, 6, 4), name="a")
    low, high = ops.split(a, 2, axis=-1)
    x = ops.stack([low, high], axis=1)
    x = ops.squeeze(x[:, :1, ...], axis=1)
    x = ops.pad(x, ((0, 0), (1, 0), (2, 1), (0, 0)))
    pooled = ops.max_pool(x, 2, strides=2, padding="same") - ops.average_pool(x, 2, strides=2, padding="same")
    first = ops.transpose(a[0, :2, :3, :], (2, 0, 1))
    steps = ops.matmul(ops.reshape(a, (-1, 24, 4)), ops.transpose(ops.reshape(a, (-1, 24, 4)), (0, 2, 1)))
    masked = ops.where(ops.logical_and(ops.greater(a, 0), ops.less_equal(a, 0.5)), a, 0.25)
    known = ops.any(ops.not_equal(ops.clip(a, 0, 1), 0), axis=[1, 2], keepdims=True)
    counted = ops.cast(known, "float32") * ops.mean(a, axis=(1, 2), keepdims=True)
    turned = ops.concatenate([ops.flip(a, 1), ops.repeat(a[..., :1], 2, axis=3), ops.tile(low, [1, 1, 1, 2])], axis=-1)
    smooth = ops.softmax(ops.relu6(ops.leaky_relu(1.0 - a, 0.3)) ** 2, axis=-2)
    outputs = [pooled, ops.max(first), ops.sum(steps, axis=-1), masked, counted, turned, ops.moveaxis(smooth, 1, 2)]
    return keras.Model(a, outputs, name="more_op_nodes")


NETWORKS = {
    "more_op_nodes": (more_op_nodes, "ops as graph nodes: windows, split, stack, select, reductions"),
    "small_cnn": (small_cnn, "convolution, batch normalisation, pooling, a dense head"),
    "channels_first": (channels_first, "channels first throughout, with a residual"),
    "mobile_net": (mobile_net, "depthwise and separable convolutions, asymmetric padding"),
    "u_net": (u_net, "transposed convolutions, up-sampling, joined branches"),
    "bag_of_words": (bag_of_words, "an embedding whose mask the mean leaves out"),
    "efficient_net": (efficient_net, "rescaling, normalisation, squeeze and excitation, op nodes"),
    "norms": (norms, "layer, group, RMS and unit normalisation, a dot product"),
    "any_size": (any_size, "unknown rows and columns"),
    "sequences": (sequences, "one spatial axis"),
    "volumes": (volumes, "three spatial axes"),
}


def settle(model, random):
    for layer in model.layers:
        if isinstance(layer, layers.Normalization):
            layer.adapt(random.uniform(-1, 2, (4, 7, 8, 3)).astype("float32"))
    kept = {id(w) for layer in model.layers if isinstance(layer, layers.Normalization) for w in layer.weights}
    values = {id(w): w.numpy() for w in model.weights if id(w) in kept}
    settle_weights(model, random)
    for weight in model.weights:
        if id(weight) in values:
            weight.assign(values[id(weight)])
    for layer in model.layers:
        if isinstance(layer, layers.Normalization):
            layer.finalize_state()


def main():
    random = common.rng()
    cases = []
    for name, (builder, note) in NETWORKS.items():
        keras.backend.clear_session()
        keras.utils.set_random_seed(common.SEED)
        model = builder()
        settle(model, random)
        inputs = make_inputs(model, random)
        if name == "bag_of_words":
            inputs = [np.array([[1, 8, 0, 3, 0], [2, 2, 5, 0, 0], [7, 0, 0, 0, 1]], "int32")]
        path = OUT / f"{name}.keras"
        common.save(model, path)
        nest = as_structure(model, inputs)
        outputs = model(nest, training=False)
        again = keras.saving.load_model(path)
        for got, want in zip(flat(again(nest, training=False)), flat(outputs)):
            np.testing.assert_array_equal(got, want)
        cases.append(
            {
                "name": name,
                "note": note,
                "file": path.name,
                "sha256": common.sha256(path),
                "bytes": path.stat().st_size,
                "input_names": [t.name for t in model.inputs],
                "output_shapes": [list(t.shape) for t in model.outputs],
                "inputs": common.tensors(inputs),
                "outputs": common.tensors(flat(outputs)),
                "layers": [facts(layer) for layer in model.layers],
            }
        )
        assert path.stat().st_size < 100_000, (name, path.stat().st_size)
    common.write(OUT / "networks.json", __file__, cases)


if __name__ == "__main__":
    main()
