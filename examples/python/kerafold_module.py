"""Runs modules that Kerafold exported, through wasmtime. The ABI is docs/exported-modules.md."""

import json
import math
import struct
from array import array
from pathlib import Path

from wasmtime import Func, Global, Instance, Memory, Module, Store, Trap, WasmtimeError

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
        try:
            module = Module.from_file(self.store.engine, str(path))
            exports = Instance(self.store, module, []).exports(self.store)
        except (WasmtimeError, Trap) as error:
            raise ModelError(f"{path} is no WebAssembly module that runs by itself: {str(error).splitlines()[0]}") from error
        self.memory, self.enter, description = (exports.get(name) for name in ("memory", "run", "description"))
        if not (isinstance(self.memory, Memory) and isinstance(self.enter, Func) and isinstance(description, Global)):
            raise ModelError(f"{path} is no module that Kerafold exported: it lacks memory, run or description")
        self.description = self._describe(description.value(self.store) & 0xFFFFFFFF)
        self._check_weights(Path(path).parent, self.description["weights"])

    def run(self, **inputs):
        """Flat values by input name, row by row; gives an array for each output."""
        slots = self.description["inputs"]
        given = [self._words(slot, inputs.get(slot["name"])) for slot in slots]
        for slot, words in zip(slots, given):
            self.memory.write(self.store, words.tobytes(), slot["offset"])
        self.enter(self.store)
        return {slot["name"]: self._read(slot) for slot in self.description["outputs"]}

    def _words(self, slot, values):
        size, takes = math.prod(slot["shape"]), f"input {slot['name']!r} takes {math.prod(slot['shape'])} values"
        if values is None:
            raise ModelError(f"{takes}, got none")
        try:
            words = array(CODES[slot["dtype"]], [-1 if value else 0 for value in values] if slot["dtype"] == "bool" else list(values))
        except (TypeError, ValueError, OverflowError) as error:
            raise ModelError(f"{takes} of {slot['dtype']}: {error}") from error
        if len(words) != size:
            raise ModelError(f"{takes}, got {len(words)}")
        return words

    def _read(self, slot):
        start = slot["offset"]
        data = self.memory.read(self.store, start, start + 4 * math.prod(slot["shape"]))
        values = array(CODES[slot["dtype"]], bytes(data))
        return [bool(value) for value in values] if slot["dtype"] == "bool" else values

    def _describe(self, at):
        header = self.memory.read(self.store, at, at + 8)
        length, checksum = struct.unpack("<II", header) if len(header) == 8 else (0, 0)
        text = self.memory.read(self.store, at + 8, at + 8 + length)
        if len(text) != length or checksum_of(text) != checksum:
            raise ModelError("the description is damaged")
        description = json.loads(text)
        if description["abi"] != 1:
            raise ModelError(f"the module follows ABI {description['abi']}, this file ABI 1")
        return description

    def _check_weights(self, folder, weights):
        """Those beside the module are checked before they are written to its memory."""
        start, size, beside = weights["offset"], weights["bytes"], weights["file"] and folder / weights["file"]
        try:
            data = beside.read_bytes() if beside else self.memory.read(self.store, start, start + size)
        except OSError as error:
            raise ModelError(f"the weights cannot be read: {error}") from error
        if len(data) != size:
            raise ModelError(f"the weights of this model are {size} bytes, but {beside or 'the module'} has {len(data)}")
        if checksum_of(array("I", bytes(data))) != weights["checksum"]:
            raise ModelError("the weights are not those of this model")
        if beside:
            self.memory.write(self.store, data, start)
