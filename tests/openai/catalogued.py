"""The models that the catalogue lists."""

from __future__ import annotations

from importlib import resources

import yaml

MODELS = tuple(
    yaml.safe_load(resources.files("autod.extract.openai").joinpath("models.yaml").read_text("utf-8"))[
        "models"
    ]
)
