"""What model.summary prints with every option: spec/golden/summaries.json."""

import common
import models
import os
import unittest.mock

import keras
from keras import layers


def wide():
    """Counts with commas, sizes in KB and MB, a frozen layer, names that wrap or are cut."""
    a = keras.Input((300,), name="an_input_whose_name_is_longer_than_any_column_of_the_table_could_be")
    x = layers.Dense(4000, name="a_name_that_wraps_before_its_class")(a)
    x = layers.Dense(256, trainable=False, name="frozen")(x)
    return keras.Model(a, layers.BatchNormalization()(x), name="wide")


def scalars():
    """An input of rank 1, and a model that ends where it begins."""
    a = keras.Input((), name="x")
    return keras.Model(a, [a, layers.Activation("tanh")(a)], name="scalars")


def unbuilt():
    return keras.Sequential([layers.Dense(3), layers.Dense(2)], name="unbuilt")


def loose_inputs():
    """An input that nothing reads."""
    a, b = keras.Input((2,), name="a"), keras.Input((3,), name="b")
    return keras.Model([a, b], layers.Dense(1)(a), name="loose_inputs")


MODELS = {name: builder for name, (builder, _) in models.MODELS.items()}
MODELS |= {"wide": wide, "scalars": scalars, "unbuilt": unbuilt, "loose_inputs": loose_inputs}

# model, options, columns of the terminal
CASES = [
    ("mlp", {}, 200),
    ("mlp", {}, 60),
    ("mlp", {"line_length": 41}, 200),
    ("mlp", {"show_trainable": True}, 200),
    ("mlp", {"show_trainable": True, "line_length": 70}, 200),
    ("mlp", {"layer_range": ["dense_1", "dense_2"]}, 200),
    ("mlp", {"layer_range": ["dense", "dropout"]}, 200),
    ("mlp", {"layer_range": ["d.*_2", "dropout"]}, 200),
    ("shared_dense", {}, 200),
    ("shared_dense", {"show_trainable": True}, 200),
    ("shared_dense", {"line_length": 50}, 200),
    ("shared_dense", {"line_length": 64, "show_trainable": True}, 200),
    ("nested_functional", {"expand_nested": True}, 200),
    ("nested_functional", {"expand_nested": True, "show_trainable": True, "line_length": 75}, 200),
    ("nested_sequential", {"expand_nested": True}, 200),
    ("nested_sequential", {"expand_nested": True, "layer_range": ["mid", "dense"]}, 200),
    ("nested_mixed", {"expand_nested": True}, 200),
    ("nested_mixed", {"line_length": 47}, 200),
    ("regularized", {"show_trainable": True}, 200),
    ("wide", {}, 200),
    ("wide", {"show_trainable": True, "line_length": 54}, 200),
    ("scalars", {}, 200),
    ("unbuilt", {}, 200),
    ("unbuilt", {"show_trainable": True}, 200),
    ("loose_inputs", {}, 200),
]


def main():
    cases = []
    for name, options, columns in CASES:
        keras.backend.clear_session()
        model = MODELS[name]()
        lines = []
        with unittest.mock.patch.dict(os.environ, COLUMNS=str(columns)):
            model.summary(print_fn=lambda line, line_break=False: lines.append(line), **options)
        cases.append({"model": name, "options": options, "columns": columns, "summary": "\n".join(lines)})
    common.write(common.GOLDEN / "summaries.json", __file__, cases)


if __name__ == "__main__":
    main()
