"""Stands in for ORB, which starts EC2 instances for Scaler's manager: as much of it as that calls."""

from orb.sdk.client import ORBClient

__all__ = ["ORBClient"]
