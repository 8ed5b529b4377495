"""What the layers over space compute, and what they refuse: spec/golden/spatial.json."""

from layer_cases import bools, case, each, error, finish, floats, ints

from keras import initializers, layers, regularizers

FIRST = {"data_format": "channels_first"}
LAST = {"data_format": "channels_last"}
SAME = {"padding": "same"}
# Every option about weights, with other values than by default.
KERNEL = {
    "kernel_initializer": "he_normal",
    "kernel_regularizer": "l2",
    "kernel_constraint": "non_neg",
}
BIAS = {
    "bias_initializer": initializers.Constant(0.5),
    "bias_regularizer": regularizers.L1(0.1),
    "bias_constraint": "non_neg",
    "activity_regularizer": "l2",
}
DEPTHWISE = {
    "depthwise_initializer": "he_normal",
    "depthwise_regularizer": "l2",
    "depthwise_constraint": "non_neg",
}
POINTWISE = {
    "pointwise_initializer": "he_normal",
    "pointwise_regularizer": "l1",
    "pointwise_constraint": "non_neg",
}


def convolutions():
    line, image, volume = floats(2, 7, 4), floats(2, 5, 6, 4), floats(1, 4, 3, 5, 2)
    three = {"filters": 3, "kernel_size": 3}
    each(
        "Conv1D",
        layers.Conv1D,
        [
            three,
            {**three, **SAME},
            {**three, "padding": "causal"},
            {**three, "padding": "causal", "dilation_rate": 2},
            {**three, "padding": "causal", "strides": 2},
            {**three, "strides": 2},
            {**three, "strides": 5, **SAME},
            {**three, "dilation_rate": 3},
            {**three, "dilation_rate": (2,), **SAME},
            {"filters": 4, "kernel_size": (2,), "groups": 2, "activation": "relu"},
            {"filters": 8, "kernel_size": 4, "groups": 4, "use_bias": False, **SAME},
            {"filters": 1, "kernel_size": 1},
            {"filters": 2, "kernel_size": 7},
            {**three, **KERNEL, **BIAS},
        ],
        line,
    )
    each(
        "Conv1D channels first",
        layers.Conv1D,
        [{**three, **FIRST}, {**three, **FIRST, "padding": "causal"}, {**three, **FIRST, **SAME, "strides": 2}],
        floats(2, 4, 7),
    )
    case("Conv1D unknown steps", lambda: layers.Conv1D(2, 3, strides=2, padding="same"), line, symbolic=[[None, None, 4]])
    case("Conv1D mask", lambda: layers.Conv1D(2, 3), line, masks=bools(2, 7))
    each(
        "Conv2D",
        layers.Conv2D,
        [
            three,
            {**three, **SAME},
            {**three, "strides": 2},
            {**three, "strides": 2, **SAME},
            {**three, "strides": (1, 2), **SAME},
            {"filters": 2, "kernel_size": 2, "strides": (3, 4)},
            {"filters": 2, "kernel_size": (1, 2), "strides": (3, 4), **SAME},
            {**three, "dilation_rate": 2},
            {**three, "dilation_rate": (2, 1), **SAME},
            {"filters": 3, "kernel_size": (2, 4), "activation": "relu"},
            {"filters": 3, "kernel_size": (4, 2), **SAME, "use_bias": False},
            {"filters": 4, "kernel_size": 3, "groups": 2},
            {"filters": 8, "kernel_size": 2, "groups": 4, **SAME, "strides": 2},
            {"filters": 5, "kernel_size": 1},
            {"filters": 1, "kernel_size": (5, 6), "activation": "softmax"},
            {**three, **KERNEL, **BIAS, **LAST},
        ],
        image,
    )
    each(
        "Conv2D channels first",
        layers.Conv2D,
        [
            {**three, **FIRST},
            {**three, **FIRST, **SAME, "strides": (2, 1), "activation": "softmax"},
            {"filters": 4, "kernel_size": 2, "groups": 2, "dilation_rate": 2, **FIRST},
        ],
        floats(2, 4, 5, 6),
    )
    each(
        "Conv2D unknown",
        layers.Conv2D,
        [{**three, "strides": 2, **SAME}, {**three, "strides": 2}, {**three, "dilation_rate": 2, **SAME}],
        image,
        symbolic=[[None, None, None, 4]],
    )
    case(
        "Conv2D unknown rows, channels first",
        lambda: layers.Conv2D(2, 4, strides=3, padding="same", data_format="channels_first"),
        floats(2, 4, 5, 6),
        symbolic=[[None, 4, None, 6]],
    )
    case("Conv2D int32", lambda: layers.Conv2D(2, 2), ints(1, 3, 3, 2))
    case("Conv2D known batch", lambda: layers.Conv2D(2, 2), image, symbolic=[[2, 5, 6, 4]])
    case("Conv2D training", lambda: layers.Conv2D(2, 2, kernel_regularizer="l2", trainable=False), image, training=True)
    each(
        "Conv3D",
        layers.Conv3D,
        [
            {"filters": 2, "kernel_size": 2},
            {"filters": 2, "kernel_size": (3, 1, 2), "strides": (1, 2, 2), **SAME},
            {"filters": 4, "kernel_size": 2, "groups": 2, "dilation_rate": (1, 2, 1), "activation": "tanh"},
            {"filters": 2, "kernel_size": 2, "use_bias": False, "strides": 3},
            {"filters": 2, "kernel_size": 2, **KERNEL, **BIAS},
        ],
        volume,
    )
    case(
        "Conv3D channels first",
        lambda: layers.Conv3D(2, (2, 3, 1), strides=2, padding="same", data_format="channels_first"),
        floats(1, 2, 4, 3, 5),
    )


def separable_convolutions():
    line, image = floats(2, 7, 3), floats(2, 5, 6, 3)
    two = {"kernel_size": 3, "depth_multiplier": 2}
    settings = [
        {"kernel_size": 3},
        {**two, **SAME},
        {**two, "strides": 2},
        {**two, "strides": 2, **SAME, "activation": "relu6"},
        {"kernel_size": 2, "dilation_rate": 2},
        {"kernel_size": 2, "strides": 4, **SAME, "use_bias": False},
        {"kernel_size": 2, **DEPTHWISE, **BIAS},
    ]
    each("DepthwiseConv1D", layers.DepthwiseConv1D, settings, line)
    each("DepthwiseConv1D channels first", layers.DepthwiseConv1D, [{**two, **FIRST, **SAME}], floats(2, 3, 7))
    each("DepthwiseConv2D", layers.DepthwiseConv2D, settings, image)
    each(
        "DepthwiseConv2D",
        layers.DepthwiseConv2D,
        [{"kernel_size": (1, 4), "depth_multiplier": 3}, {"kernel_size": (4, 1), "dilation_rate": (1, 3), **SAME}],
        image,
    )
    each(
        "DepthwiseConv2D channels first",
        layers.DepthwiseConv2D,
        [{**two, **FIRST, **SAME}, {**two, **FIRST, "strides": 2, "activation": "relu"}],
        floats(2, 3, 5, 6),
    )
    case(
        "DepthwiseConv2D unknown",
        lambda: layers.DepthwiseConv2D(3, strides=2, padding="same"),
        image,
        symbolic=[[None, None, None, 3]],
    )
    mixed = [{"filters": 4, **s} for s in settings[:-1]] + [{"filters": 2, "kernel_size": 2, **DEPTHWISE, **POINTWISE, **BIAS}]
    each("SeparableConv1D", layers.SeparableConv1D, mixed, line)
    each(
        "SeparableConv1D channels first", layers.SeparableConv1D, [{"filters": 2, **two, **FIRST, **SAME}], floats(2, 3, 7)
    )
    each("SeparableConv2D", layers.SeparableConv2D, mixed, image)
    each(
        "SeparableConv2D channels first",
        layers.SeparableConv2D,
        [{"filters": 2, **two, **FIRST, **SAME, "strides": 2}, {"filters": 2, "kernel_size": (1, 2), **FIRST}],
        floats(2, 3, 5, 6),
    )
    case(
        "SeparableConv2D unknown",
        lambda: layers.SeparableConv2D(2, 3, strides=2, padding="same"),
        image,
        symbolic=[[None, None, None, 3]],
    )


def transposed_convolutions():
    settings = [
        {"kernel_size": 3},
        {"kernel_size": 3, **SAME},
        {"kernel_size": 3, "strides": 2},
        {"kernel_size": 3, "strides": 2, **SAME},
        {"kernel_size": 2, "strides": 2, **SAME, "activation": "relu"},
        {"kernel_size": 2, "strides": 3},
        {"kernel_size": 2, "strides": 3, **SAME},
        {"kernel_size": 4, "strides": 2, **SAME, "use_bias": False},
        {"kernel_size": 3, "strides": 2, "output_padding": 1},
        {"kernel_size": 3, "strides": 2, "output_padding": 0, **SAME},
        {"kernel_size": 3, "strides": 2, "output_padding": 1, **SAME},
        {"kernel_size": 4, "strides": 3, "output_padding": 2, **SAME},
        {"kernel_size": 1, "strides": 3, "output_padding": 2, **SAME},
        {"kernel_size": 3, "dilation_rate": 2},
        {"kernel_size": 2, "dilation_rate": 3, **SAME},
        {"kernel_size": 2, **KERNEL, **BIAS},
    ]
    two = [{"filters": 2, **s} for s in settings]
    line, image, volume = floats(2, 4, 3), floats(2, 3, 4, 3), floats(1, 2, 3, 2, 2)
    each("Conv1DTranspose", layers.Conv1DTranspose, two, line)
    each(
        "Conv1DTranspose channels first",
        layers.Conv1DTranspose,
        [{**two[3], **FIRST}, {**two[8], **FIRST}],
        floats(2, 3, 4),
    )
    each("Conv2DTranspose", layers.Conv2DTranspose, two, image)
    each(
        "Conv2DTranspose",
        layers.Conv2DTranspose,
        [
            {"filters": 3, "kernel_size": (2, 3), "strides": (3, 2), **SAME},
            {"filters": 3, "kernel_size": (3, 2), "strides": (2, 3), "output_padding": (1, 2)},
            {"filters": 3, "kernel_size": (1, 5), "strides": (1, 2), **SAME},
        ],
        image,
    )
    each(
        "Conv2DTranspose channels first",
        layers.Conv2DTranspose,
        [{**two[3], **FIRST}, {**two[10], **FIRST}],
        floats(2, 3, 3, 4),
    )
    each(
        "Conv2DTranspose unknown",
        layers.Conv2DTranspose,
        [two[3], two[2], two[10]],
        image,
        symbolic=[[None, None, None, 3]],
    )
    each("Conv3DTranspose", layers.Conv3DTranspose, [two[k] for k in (0, 3, 4, 5, 8, 13, 15)], volume)
    each("Conv3DTranspose", layers.Conv3DTranspose, [{**two[3], "use_bias": False}], volume)
    each("Conv3DTranspose channels first", layers.Conv3DTranspose, [{**two[3], **FIRST}], floats(1, 2, 2, 3, 2))


def pools():
    line, image, volume = floats(2, 7, 3), floats(2, 5, 6, 3), floats(1, 4, 3, 5, 2)
    settings = [
        {},
        {"pool_size": 3},
        {"pool_size": 3, **SAME},
        {"pool_size": 3, "strides": 1},
        {"pool_size": 3, "strides": 1, **SAME},
        {"pool_size": 2, "strides": 3},
        {"pool_size": 2, "strides": 4, **SAME},
        {"pool_size": 1},
    ]
    for kind in ["Max", "Average"]:
        one, two, three = (getattr(layers, f"{kind}Pooling{n}D") for n in (1, 2, 3))
        given = settings if kind == "Max" else [{"pool_size": 2, **s} for s in settings]
        each(f"{kind}Pooling1D", one, given, line)
        each(f"{kind}Pooling1D channels first", one, [{"pool_size": 3, **FIRST, **SAME}], floats(2, 3, 7))
        each(f"{kind}Pooling2D", two, given, image)
        each(
            f"{kind}Pooling2D",
            two,
            [{"pool_size": (2, 3)}, {"pool_size": (3, 2), "strides": (2, 1), **SAME}, {"pool_size": (5, 6), **LAST}],
            image,
        )
        each(
            f"{kind}Pooling2D channels first",
            two,
            [{"pool_size": 2, **FIRST}, {"pool_size": 3, **FIRST, **SAME, "strides": 2}],
            floats(2, 3, 5, 6),
        )
        each(
            f"{kind}Pooling2D unknown",
            two,
            [{"pool_size": 3, "strides": 2, **SAME}, {"pool_size": 2}, {"pool_size": 3, "strides": 1, **SAME}],
            image,
            symbolic=[[None, None, None, 3]],
        )
        each(f"{kind}Pooling3D", three, [given[k] for k in (0, 2, 4)], volume)
        each(f"{kind}Pooling3D", three, [{"pool_size": (1, 3, 2), "strides": (3, 1, 2)}], volume)
        each(f"{kind}Pooling3D channels first", three, [{"pool_size": 2, **FIRST, **SAME}], floats(1, 2, 4, 3, 5))
        case(f"{kind}Pooling1D mask", lambda: one(2), line, masks=bools(2, 7))
    for kind in ["Max", "Average"]:
        for rank, x in [(1, line), (2, image), (3, volume)]:
            name = f"Global{kind}Pooling{rank}D"
            every = [{}, {"keepdims": True}, FIRST, {**FIRST, "keepdims": True}]
            each(name, getattr(layers, name), every, x)
        each(f"Global{kind}Pooling1D int32", getattr(layers, f"Global{kind}Pooling1D"), [{}], ints(2, 3, 2))
        each(
            f"Global{kind}Pooling2D unknown",
            getattr(layers, f"Global{kind}Pooling2D"),
            [{}, {"keepdims": True}],
            image,
            symbolic=[[None, None, None, 3]],
        )
    mask = bools(2, 7)
    each("GlobalAveragePooling1D mask", layers.GlobalAveragePooling1D, [{}, {"keepdims": True}], line, masks=mask)
    mask[1] = False
    each("GlobalAveragePooling1D mask of nothing", layers.GlobalAveragePooling1D, [{}], line, masks=mask)
    each(
        "GlobalAveragePooling1D channels first mask",
        layers.GlobalAveragePooling1D,
        [FIRST, {**FIRST, "keepdims": True}],
        floats(2, 3, 7),
        masks=bools(2, 7),
    )
    case("GlobalMaxPooling1D mask", lambda: layers.GlobalMaxPooling1D(), line, masks=bools(2, 7))
    case("GlobalAveragePooling2D mask", lambda: layers.GlobalAveragePooling2D(), image, masks=bools(2, 5, 6))


def margins():
    line, image, volume = floats(2, 4, 2), floats(1, 4, 5, 2), floats(1, 3, 4, 3, 2)
    each("ZeroPadding1D", layers.ZeroPadding1D, [{}, {"padding": 2}, {"padding": (0, 3)}, {"padding": 1, **FIRST}], line)
    each(
        "ZeroPadding2D",
        layers.ZeroPadding2D,
        [
            {},
            {"padding": 2},
            {"padding": (1, 2)},
            {"padding": ((1, 0), (2, 3))},
            {"padding": (2, (0, 1))},
            {"padding": 0},
            {"padding": ((0, 1), (2, 0)), **FIRST},
        ],
        image,
    )
    each(
        "ZeroPadding3D",
        layers.ZeroPadding3D,
        [{}, {"padding": (1, 0, 2)}, {"padding": ((1, 0), (2, 1), (0, 0))}, {"padding": (0, 1, (2, 0)), **FIRST}],
        volume,
    )
    case("ZeroPadding2D int32", lambda: layers.ZeroPadding2D(1), ints(1, 2, 2, 1))
    case(
        "ZeroPadding2D unknown",
        lambda: layers.ZeroPadding2D(((1, 0), (2, 3))),
        image,
        symbolic=[[None, None, 5, 2]],
    )
    case("ZeroPadding1D mask", lambda: layers.ZeroPadding1D(1), line, masks=bools(2, 4))
    each("Cropping1D", layers.Cropping1D, [{}, {"cropping": 0}, {"cropping": (0, 3)}, {"cropping": (2, 0)}], line)
    each(
        "Cropping2D",
        layers.Cropping2D,
        [
            {},
            {"cropping": 1},
            {"cropping": (1, 2)},
            {"cropping": ((1, 0), (0, 3))},
            {"cropping": ((3, 0), (0, 0))},
            {"cropping": ((0, 1), (2, 1))},
        ],
        image,
    )
    each("Cropping2D channels first", layers.Cropping2D, [{"cropping": ((1, 0), (0, 3)), **FIRST}], floats(1, 2, 4, 5))
    each(
        "Cropping3D",
        layers.Cropping3D,
        [{}, {"cropping": (1, 0, (0, 2))}, {"cropping": ((0, 1), (2, 0), (1, 1))}],
        volume,
    )
    each("Cropping3D channels first", layers.Cropping3D, [{"cropping": (1, 1, (0, 2)), **FIRST}], floats(1, 2, 3, 4, 3))
    case("Cropping2D unknown", lambda: layers.Cropping2D(((1, 0), (1, 1))), image, symbolic=[[None, None, None, 2]])
    case("Cropping1D mask", lambda: layers.Cropping1D(1), line, masks=bools(2, 4))


def up_samplings():
    line, image, volume = floats(2, 3, 2), floats(1, 3, 4, 2), floats(1, 2, 3, 1, 2)
    each("UpSampling1D", layers.UpSampling1D, [{}, {"size": 1}, {"size": 3}], line)
    case("UpSampling1D mask", lambda: layers.UpSampling1D(2), line, masks=bools(2, 3))
    ways = ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "Bilinear"]
    each("UpSampling2D", layers.UpSampling2D, [{}, {"size": 3}, {"size": (1, 2)}], image)
    each("UpSampling2D", layers.UpSampling2D, [{"size": (2, 3), "interpolation": w} for w in ways], image)
    each("UpSampling2D by 4", layers.UpSampling2D, [{"size": (4, 1), "interpolation": w} for w in ways[1:5]], image)
    each(
        "UpSampling2D channels first",
        layers.UpSampling2D,
        [{"size": (1, 3), **FIRST, "interpolation": w} for w in ways[:3]],
        floats(1, 2, 3, 4),
    )
    each(
        "UpSampling2D unknown",
        layers.UpSampling2D,
        [{"interpolation": "nearest"}],
        image,
        symbolic=[[None, None, None, 2]],
    )
    case("UpSampling2D int32", lambda: layers.UpSampling2D(2), ints(1, 2, 2, 1))
    each("UpSampling3D", layers.UpSampling3D, [{}, {"size": 1}, {"size": (1, 2, 3)}, {"size": (3, 1, 2), **FIRST}], volume)


def convolution_errors():
    two = {"filters": 2, "kernel_size": 2}
    for value in [0, -1, 2.5, None, "2", [2], [2, 2, 2], [2, 0], []]:
        error(f"Conv2D kernel_size {value!r}", "Conv2D", {**two, "kernel_size": value}, [None, 4, 4, 1])
        error(f"Conv2D strides {value!r}", "Conv2D", {**two, "strides": value}, [None, 4, 4, 1])
        error(f"Conv2D dilation_rate {value!r}", "Conv2D", {**two, "dilation_rate": value}, [None, 4, 4, 1])
        error(f"MaxPooling2D pool_size {value!r}", "MaxPooling2D", {"pool_size": value}, [None, 4, 4, 1])
        error(f"MaxPooling2D strides {value!r}", "MaxPooling2D", {"strides": value}, [None, 4, 4, 1])
    for value in [0, -1, None, "2"]:
        error(f"Conv2D filters {value!r}", "Conv2D", {**two, "filters": value}, [None, 4, 4, 1])
        error(f"Conv2D groups {value!r}", "Conv2D", {**two, "groups": value}, [None, 4, 4, 2])
        error(
            f"DepthwiseConv2D depth_multiplier {value!r}",
            "DepthwiseConv2D",
            {"kernel_size": 2, "depth_multiplier": value},
            [None, 4, 4, 2],
        )
    for name in ["Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose", "MaxPooling2D", "AveragePooling2D"]:
        pool = {"pool_size": 2}
        options = pool if "Pool" in name else two if "Depth" not in name else {"kernel_size": 2}
        size = "pool_size" if "Pool" in name else "kernel_size"
        error(f"{name} padding", name, {**options, "padding": "full"}, [None, 4, 4, 1])
        error(f"{name} causal", name, {**options, "padding": "causal"}, [None, 4, 4, 1])
        error(f"{name} data_format", name, {**options, "data_format": "NHWC"}, [None, 4, 4, 1])
        error(f"{name} rank 3", name, options, [None, 4, 1])
        error(f"{name} rank 5", name, options, [None, 4, 4, 4, 1])
        error(f"{name} larger than the input", name, {**options, size: 5}, [None, 4, 4, 1])
        error(f"{name} larger than one axis", name, {**options, size: (1, 5)}, [None, 4, 4, 1])
        error(f"{name} larger than the input, same", name, {**options, size: 5, "padding": "same"}, [None, 4, 4, 1])
        error(f"{name} as large as the input", name, {**options, size: 4}, [None, 4, 4, 1])
        error(f"{name} unknown argument", name, {**options, "nope": 1})
        if "Pool" in name:
            continue
        error(f"{name} strides and dilation", name, {**options, "strides": 2, "dilation_rate": 2}, [None, 9, 9, 1])
        error(
            f"{name} strides and dilation on different axes",
            name,
            {**options, "strides": (2, 1), "dilation_rate": (1, 2)},
            [None, 9, 9, 1],
        )
        error(f"{name} dilated larger than the input", name, {**options, "dilation_rate": 4}, [None, 4, 4, 1])
        error(f"{name} unknown channels", name, options, [None, 4, 4, None])
        error(f"{name} unknown activation", name, {**options, "activation": "nope"}, [None, 4, 4, 1])
        error(f"{name} without kernel_size", name, {"filters": 2} if "Depth" not in name else {})
    error("Conv2D without filters", "Conv2D", {"kernel_size": 2}, [None, 4, 4, 1])
    error("Conv2D groups and filters", "Conv2D", {"filters": 3, "kernel_size": 2, "groups": 2}, [None, 4, 4, 2])
    error("Conv2D groups and channels", "Conv2D", {"filters": 4, "kernel_size": 2, "groups": 2}, [None, 4, 4, 3])
    error("Conv2D channels first, unknown channels", "Conv2D", {**two, **FIRST}, [None, None, 4, 4])
    error("Conv1D causal larger than the input", "Conv1D", {"filters": 1, "kernel_size": 5, "padding": "causal"}, [None, 4, 1])
    error("Conv1D rank 2", "Conv1D", two, [None, 4])
    error("Conv3D rank 4", "Conv3D", two, [None, 4, 4, 1])
    error("Conv2D bool", "Conv2D", two, [None, 4, 4, 1], dtype="bool")
    for value in [2, 3, -1, (1, 2), "1"]:
        options = {**two, "strides": 2, "output_padding": value}
        error(f"Conv2DTranspose output_padding {value!r}", "Conv2DTranspose", options, [None, 4, 4, 1])
    error("Conv2DTranspose output_padding without strides", "Conv2DTranspose", {**two, "output_padding": 1}, [None, 4, 4, 1])
    error("Conv2DTranspose groups", "Conv2DTranspose", {**two, "groups": 1}, [None, 4, 4, 1])


def other_errors():
    for name in ["MaxPooling1D", "AveragePooling1D"]:
        error(f"{name} larger than the input", name, {"pool_size": 5}, [None, 4, 1])
        error(f"{name} rank 2", name, {"pool_size": 2}, [None, 4])
    error("AveragePooling2D without pool_size", "AveragePooling2D", {}, [None, 4, 4, 1])
    error("MaxPooling2D int32", "MaxPooling2D", {}, [None, 4, 4, 1], dtype="int32")
    error("AveragePooling2D int32", "AveragePooling2D", {"pool_size": 2}, [None, 4, 4, 1], dtype="int32")
    for rank in (1, 2, 3):
        for kind in ["Max", "Average"]:
            error(f"Global{kind}Pooling{rank}D rank", f"Global{kind}Pooling{rank}D", {}, [None, *[4] * rank])
    error("GlobalMaxPooling2D data_format", "GlobalMaxPooling2D", {"data_format": "nope"})
    error("GlobalMaxPooling2D keepdims", "GlobalMaxPooling2D", {"keepdims": "nope"}, [None, 4, 4, 1])
    error("GlobalAveragePooling1D mask of the whole shape", "GlobalAveragePooling1D", {}, [None, 4, 2], mask_shape=[None, 4, 2])
    for value in [-1, 1.5, "1", None, [1], [1, 2, 3], [[1, 2]], [[1, 2], [3]], [[1, -1], [0, 0]], [1, -1]]:
        error(f"ZeroPadding2D padding {value!r}", "ZeroPadding2D", {"padding": value}, [None, 4, 4, 1])
        error(f"Cropping2D cropping {value!r}", "Cropping2D", {"cropping": value}, [None, 4, 4, 1])
    for value in [-1, 1.5, [1, 2, 3], [1, -1], [[1, 2]], None]:
        error(f"ZeroPadding1D padding {value!r}", "ZeroPadding1D", {"padding": value}, [None, 4, 1])
        error(f"Cropping1D cropping {value!r}", "Cropping1D", {"cropping": value}, [None, 4, 1])
    for shape in [[None, 4], [None, 4, 4], [None, 4, 4, 4, 4]]:
        error(f"ZeroPadding2D rank {len(shape)}", "ZeroPadding2D", {}, shape)
        error(f"Cropping2D rank {len(shape)}", "Cropping2D", {}, shape)
        error(f"UpSampling2D rank {len(shape)}", "UpSampling2D", {}, shape)
    error("Cropping1D everything", "Cropping1D", {"cropping": 2}, [None, 4, 1])
    error("Cropping2D everything", "Cropping2D", {"cropping": ((0, 0), (2, 2))}, [None, 4, 4, 1])
    error("Cropping2D too much", "Cropping2D", {"cropping": 3}, [None, 4, 4, 1])
    error("Cropping3D everything", "Cropping3D", {"cropping": 1}, [None, 2, 4, 4, 1])
    error("Cropping1D data_format", "Cropping1D", {"data_format": "channels_last"})
    for value in [0, -1, 1.5, "2", None, True, [2]]:
        error(f"UpSampling1D size {value!r}", "UpSampling1D", {"size": value}, [None, 4, 1])
    for value in [0, -1, "2", None, [2], [2, 0]]:
        error(f"UpSampling2D size {value!r}", "UpSampling2D", {"size": value}, [None, 4, 4, 1])
    error("UpSampling2D interpolation", "UpSampling2D", {"interpolation": "nope"}, [None, 4, 4, 1])
    error("UpSampling3D interpolation", "UpSampling3D", {"interpolation": "nearest"})


def main():
    for part in [
        convolutions,
        separable_convolutions,
        transposed_convolutions,
        pools,
        margins,
        up_samplings,
        convolution_errors,
        other_errors,
    ]:
        part()
    finish("spatial", __file__)


if __name__ == "__main__":
    main()
