"""Identifiers: what names one thing among its kind."""

from typing import NewType

RegionCode = NewType("RegionCode", str)
"""GB/T 2260 code of six digits; a city's scope is its four-digit prefix (行政区划代码)."""
EnterpriseId = NewType("EnterpriseId", str)
OutletId = NewType("OutletId", str)
ThingName = NewType("ThingName", str)
"""The AWS IoT thing name of one edge device."""
CameraId = NewType("CameraId", str)
"""`<outletId>-cam<n>`."""
AlarmId = NewType("AlarmId", str)
FactorCode = NewType("FactorCode", str)
"""HJ 524 / HJ 525 code of a monitored factor, such as a21026 (监测因子)."""
