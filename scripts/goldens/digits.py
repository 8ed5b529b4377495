"""Train the handwritten-digits example with Keras and write examples/digits/."""

import common
import json

import keras
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

OUT = common.ROOT / "examples" / "digits"
CREDIT = (
    "Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, "
    "UCI Machine Learning Repository, CC BY 4.0, https://doi.org/10.24432/C50P49"
)


def split():
    """Training and held-out images and labels, as whole numbers."""
    data = load_digits()
    return train_test_split(
        data.data.astype("uint8"), data.target.astype("uint8"), test_size=0.25, random_state=0, stratify=data.target
    )


def build():
    """An MLP with work for graph optimisation: chained reshapes, foldable normalisation, dropout."""
    layers = keras.layers
    pixels = keras.Input((64,), name="pixels")
    x = layers.Reshape((8, 8), name="image")(pixels)
    x = layers.Reshape((4, 16), name="strips")(x)
    x = layers.Flatten(name="flat")(x)
    x = layers.Dense(64, name="hidden_1")(x)
    x = layers.BatchNormalization(name="norm_1")(x)
    x = layers.ReLU(name="relu_1")(x)
    x = layers.Dropout(0.3, seed=1, name="drop_1")(x)
    x = layers.Dense(32, name="hidden_2")(x)
    x = layers.BatchNormalization(scale=False, name="norm_2")(x)
    x = layers.Activation("relu", name="relu_2")(x)
    x = layers.Dropout(0.2, seed=2, name="drop_2")(x)
    digit = layers.Dense(10, activation="softmax", name="digit")(x)
    return keras.Model(pixels, digit, name="digits")


def main():
    keras.utils.set_random_seed(common.SEED)
    train_x, test_x, train_y, test_y = split()
    model = build()
    epochs, batch = 80, 32
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
    assert accuracy >= 0.965, accuracy

    # The file holds the trained network without the optimizer.
    bare = build()
    bare.set_weights(model.get_weights())
    OUT.mkdir(parents=True, exist_ok=True)
    common.save(bare, OUT / "digits.keras")
    (OUT / "images.bin").write_bytes(test_x.tobytes())
    (OUT / "labels.bin").write_bytes(test_y.tobytes())
    (OUT / "predictions.bin").write_bytes(predictions.tobytes())
    again = keras.saving.load_model(OUT / "digits.keras").predict(inputs, batch_size=len(inputs), verbose=0)
    assert np.array_equal(again, predictions)

    facts = {
        **common.header(__file__),
        "images": len(test_x),
        "pixels": 64,
        "classes": 10,
        "scale": 16,
        "trained_on": len(train_x),
        "correct": correct,
        "accuracy": accuracy,
        "files": {
            name: {"sha256": common.sha256(OUT / name), "bytes": (OUT / name).stat().st_size, "format": form}
            for name, form in [
                ("digits.keras", "Keras v3 file, input (None, 64) = pixels / 16, output (None, 10) probabilities"),
                ("images.bin", "uint8, images x 64, row-major 8x8, values 0..16"),
                ("labels.bin", "uint8, one digit 0..9 per image"),
                ("predictions.bin", "float32 little-endian, images x 10, Keras' own predict"),
            ]
        },
        "credit": CREDIT,
    }
    (OUT / "digits.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
    print(f"examples/digits: {correct} of {len(test_y)} held-out images right ({accuracy:.4f})")


if __name__ == "__main__":
    main()
