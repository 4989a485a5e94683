"""BouncerServ: the bouncer's own commands."""

from soju_actors.user.service.running import run, run_for

__all__ = ["run", "run_for"]
