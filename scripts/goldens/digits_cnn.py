"""Train the convolutional digits example with Keras and write it beside the network of digits.py."""

import common
import json

import keras
import numpy as np

from digits import CREDIT, OUT, split


def build():
    """A small CNN with work for graph optimisation: folded normalisation, padding, reshape chains, dropout."""
    layers = keras.layers
    pixels = keras.Input((64,), name="pixels")
    x = layers.Reshape((8, 8, 1), name="image")(pixels)
    x = layers.ZeroPadding2D(1, name="border")(x)
    x = layers.Conv2D(16, 3, use_bias=False, name="conv_1")(x)
    x = layers.BatchNormalization(name="norm_1")(x)
    x = layers.ReLU(name="relu_1")(x)
    x = layers.Conv2D(24, 3, padding="same", name="conv_2")(x)
    x = layers.BatchNormalization(name="norm_2")(x)
    x = layers.ReLU(name="relu_2")(x)
    x = layers.MaxPooling2D(2, name="pool_2")(x)
    x = layers.Dropout(0.2, seed=1, name="drop_2")(x)
    skip = x
    x = layers.Conv2D(24, 3, padding="same", use_bias=False, name="conv_3")(x)
    x = layers.BatchNormalization(name="norm_3")(x)
    x = layers.Add(name="residual")([x, skip])
    x = layers.ReLU(name="relu_3")(x)
    x = layers.MaxPooling2D(2, name="pool_3")(x)
    x = layers.Reshape((4, 24), name="strips")(x)
    x = layers.Reshape((2, 48), name="halves")(x)
    x = layers.Flatten(name="flat")(x)
    x = layers.Dropout(0.3, seed=2, name="drop_3")(x)
    x = layers.Dense(48, activation="relu", name="hidden")(x)
    digit = layers.Dense(10, activation="softmax", name="digit")(x)
    return keras.Model(pixels, digit, name="digits_cnn")


def main():
    keras.utils.set_random_seed(common.SEED)
    train_x, test_x, train_y, test_y = split()
    model = build()
    epochs, batch = 60, 32
    steps = epochs * -(-len(train_x) // batch)
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(3e-3, steps)),
        "sparse_categorical_crossentropy",
    )
    model.fit(train_x.astype("float32") / 16, train_y, batch_size=batch, epochs=epochs, verbose=0)

    inputs = test_x.astype("float32") / 16
    predictions = model.predict(inputs, batch_size=len(inputs), verbose=0).astype("<f4")
    correct = int((predictions.argmax(-1) == test_y).sum())
    accuracy = correct / len(test_y)
    assert accuracy >= 0.985, accuracy

    # The file holds the trained network without the optimizer.
    bare = build()
    bare.set_weights(model.get_weights())
    common.save(bare, OUT / "cnn.keras")
    (OUT / "cnn_predictions.bin").write_bytes(predictions.tobytes())
    again = keras.saving.load_model(OUT / "cnn.keras").predict(inputs, batch_size=len(inputs), verbose=0)
    assert np.array_equal(again, predictions)

    facts = {
        **common.header(__file__),
        "trained_on": len(train_x),
        "correct": correct,
        "accuracy": accuracy,
        "files": {
            name: {"sha256": common.sha256(OUT / name), "bytes": (OUT / name).stat().st_size, "format": form}
            for name, form in [
                ("cnn.keras", "Keras v3 file, input (None, 64) = pixels / 16, output (None, 10) probabilities"),
                ("cnn_predictions.bin", "float32 little-endian, images x 10, Keras' own predict"),
            ]
        },
        "credit": CREDIT,
    }
    (OUT / "cnn.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
    print(f"examples/digits: the CNN has {correct} of {len(test_y)} held-out images right ({accuracy:.4f})")


if __name__ == "__main__":
    main()
