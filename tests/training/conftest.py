"""The training's libraries are not part of the bot: without them its tests are left out."""

import importlib.util

NEEDED = ("torch", "transformers", "tokenizers", "onnx", "onnxruntime", "scipy")

missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
collect_ignore_glob = ["test_*.py"] if missing else []
