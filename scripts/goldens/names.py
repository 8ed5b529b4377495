"""List the public names of Keras that Kerafold mirrors: spec/golden/names.json."""

import common
import json

import keras

SKIP = {"get", "serialize", "deserialize"}


def public(module):
    return sorted(name for name in dir(module) if not name.startswith("_") and name not in SKIP)


def main():
    modules = ["activations", "initializers", "regularizers", "constraints", "layers"]
    names = {module: public(getattr(keras, module)) for module in modules}
    body = {**common.header(__file__), "cases": [], **names}
    path = common.GOLDEN / "names.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(body, separators=(",", ":")) + "\n")
    print(f"{path.relative_to(common.ROOT)}: " + ", ".join(f"{len(v)} {k}" for k, v in names.items()))


if __name__ == "__main__":
    main()
