"""What an onboarding sheet says: rows of text, and what is wrong with them (接入登记表)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from plume.model.device import Device
from plume.model.limit import Limit
from plume.model.outlet import Enterprise, Name, Outlet


class Column(StrEnum):
    """The columns of the sheet, in order; the value is the name that the API uses."""

    ENTERPRISE_ID = "enterpriseId"
    ENTERPRISE_ZH = "enterpriseZh"
    ENTERPRISE_EN = "enterpriseEn"
    REGION = "region"
    INDUSTRY = "industry"
    ATTENTION = "attention"
    LONGITUDE = "longitude"
    LATITUDE = "latitude"
    ADDRESS = "address"
    SERIAL = "serial"
    OUTLET_ID = "outletId"
    OUTLET_ZH = "outletZh"
    OUTLET_EN = "outletEn"
    ST = "st"
    MN = "mn"
    PASSWORD = "password"  # noqa: S105, names a column
    CIPHER_KEY = "cipherKey"
    FACTORS = "factors"
    LIMITS = "limits"
    PROCESS = "process"


HEADINGS: Mapping[Column, Name] = {
    Column.ENTERPRISE_ID: Name("企业编号", "Enterprise id"),
    Column.ENTERPRISE_ZH: Name("企业名称", "Enterprise"),
    Column.ENTERPRISE_EN: Name("企业英文名", "Enterprise, in English"),
    Column.REGION: Name("区划代码", "Region code"),
    Column.INDUSTRY: Name("行业", "Industry"),
    Column.ATTENTION: Name("关注程度", "Attention"),
    Column.LONGITUDE: Name("经度", "Longitude"),
    Column.LATITUDE: Name("纬度", "Latitude"),
    Column.ADDRESS: Name("地址", "Address"),
    Column.SERIAL: Name("采集设备序列号", "Edge device serial"),
    Column.OUTLET_ID: Name("排口编号", "Outlet id"),
    Column.OUTLET_ZH: Name("排口名称", "Outlet"),
    Column.OUTLET_EN: Name("排口英文名", "Outlet, in English"),
    Column.ST: Name("系统编码ST", "ST"),
    Column.MN: Name("设备唯一标识MN", "MN"),
    Column.PASSWORD: Name("访问密码PW", "PW"),
    Column.CIPHER_KEY: Name("SM4密钥", "SM4 key"),
    Column.FACTORS: Name("监测因子", "Factors"),
    Column.LIMITS: Name("限值套用", "Limits"),
    Column.PROCESS: Name("工艺", "Process"),
}
OPTIONAL = frozenset(
    {
        Column.ENTERPRISE_EN,
        Column.ADDRESS,
        Column.OUTLET_EN,
        Column.CIPHER_KEY,
        Column.LIMITS,
        Column.PROCESS,
    }
)
SECRET = frozenset({Column.PASSWORD, Column.CIPHER_KEY})
"""What a report on a sheet does not repeat."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row as it stands in the sheet; `number` is the one the sheet shows, from 2 on."""

    number: int
    cells: Mapping[Column, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one cell, in both languages."""

    row: int
    column: Column
    value: str
    says: Name


@dataclass(frozen=True, slots=True)
class Registration:
    """What one sound row registers."""

    row: int
    enterprise: Enterprise
    outlet: Outlet
    device: Device
    limits: tuple[Limit, ...]
