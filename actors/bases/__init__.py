"""The engines that run actors."""
