"""The configuration: what can be set, how a file is read, what is wrong with it."""

from soju_actors.config.advice import advice
from soju_actors.config.load import load_config
from soju_actors.config.settings import Config
from soju_actors.config.toml import ConfigError

__all__ = ["Config", "ConfigError", "advice", "load_config"]
