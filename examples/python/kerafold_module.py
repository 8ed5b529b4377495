"""Runs modules that Kerafold exported, through wasmtime. The ABI is docs/exported-modules.md."""

import json
import math
import struct
from array import array
from pathlib import Path

from wasmtime import Instance, Module, Store

CODES = {"float32": "f", "int32": "i", "bool": "i"}


class ModelError(Exception):
    """What cannot be used: a damaged or foreign module, other weights, values that are no input."""


def checksum_of(words):
    checksum = 0x811C9DC5
    for word in words:
        checksum = ((checksum ^ word) * 0x01000193) & 0xFFFFFFFF
        checksum ^= checksum >> 15
    return checksum


class Model:
    """One instance of a module; weights beside it are read from the file it names."""

    def __init__(self, path):
        self.store = Store()
        module = Module.from_file(self.store.engine, str(path))
        exports = Instance(self.store, module, []).exports(self.store)
        self.memory, self.enter = exports["memory"], exports["run"]
        self.description = self._describe(exports["description"].value(self.store))
        weights = self.description["weights"]
        start, stop = weights["offset"], weights["offset"] + weights["bytes"]
        if weights["file"]:
            self.memory.write(self.store, (Path(path).parent / weights["file"]).read_bytes(), start)
        if checksum_of(array("I", self.memory.read(self.store, start, stop))) != weights["checksum"]:
            raise ModelError("the weights are not those of this model")

    def run(self, **inputs):
        """Flat values by input name, row by row; gives an array for each output."""
        slots = self.description["inputs"]
        for slot in slots:
            given, size = inputs.get(slot["name"]), math.prod(slot["shape"])
            if given is None or len(given) != size:
                raise ModelError(f"input {slot['name']!r} takes {size} values, got {given and len(given)}")
        for slot in slots:
            values = inputs[slot["name"]]
            if slot["dtype"] == "bool":
                values = [-1 if value else 0 for value in values]
            self.memory.write(self.store, array(CODES[slot["dtype"]], values).tobytes(), slot["offset"])
        self.enter(self.store)
        return {slot["name"]: self._read(slot) for slot in self.description["outputs"]}

    def _read(self, slot):
        start = slot["offset"]
        data = self.memory.read(self.store, start, start + 4 * math.prod(slot["shape"]))
        values = array(CODES[slot["dtype"]], bytes(data))
        return [bool(value) for value in values] if slot["dtype"] == "bool" else values

    def _describe(self, at):
        length, checksum = struct.unpack("<II", self.memory.read(self.store, at, at + 8))
        text = self.memory.read(self.store, at + 8, at + 8 + length)
        if checksum_of(text) != checksum:
            raise ModelError("the description is damaged")
        description = json.loads(text)
        if description["abi"] != 1:
            raise ModelError(f"the module follows ABI {description['abi']}, this file ABI 1")
        return description
