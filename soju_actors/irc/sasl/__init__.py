"""SASL on both sides, without IO.

Spec: https://ircv3.net/specs/extensions/sasl-3.2
"""
