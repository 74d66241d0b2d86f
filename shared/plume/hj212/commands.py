"""The codes a frame may carry, as data: systems (ST), commands (CN) and results."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from plume.model.outlet import Name


class Kind(StrEnum):
    """How a command is answered (HJ 212-2017, 6.1)."""

    REQUEST = "request"
    """9011, then data if any, then 9012."""
    UPLOAD = "upload"
    """9014, if the Flag asks."""
    NOTICE = "notice"
    """9013, if the Flag asks."""
    ANSWER = "answer"
    """Nothing: 9011 to 9014 end an exchange."""


class Direction(StrEnum):
    """Who may begin: the host (上位机), the field device (现场机), or both."""

    DOWN = "down"
    UP = "up"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Command:
    """One CN (命令编码). `direction` is who begins; `kind` is what an upload of it is."""

    code: str
    name: Name
    direction: Direction
    kind: Kind
    since: int = 2017


@dataclass(frozen=True, slots=True)
class System:
    """One ST (系统编码); `process` is True for the monitoring of treatment and production."""

    code: str
    name: Name
    process: bool = False
    since: int = 2017


_DOWN, _UP, _BOTH = Direction.DOWN, Direction.UP, Direction.BOTH
_REQUEST, _UPLOAD, _NOTICE, _ANSWER = Kind.REQUEST, Kind.UPLOAD, Kind.NOTICE, Kind.ANSWER

# HJ 212-2017, table 9 and annex C; 2025: HJ 212-2025, annex C. Where a command is both asked for
# and uploaded, `kind` is that of the upload, because that is what the platform answers.
_COMMANDS = (
    Command("1000", Name("设置超时时间及重发次数", "set timeout and retries"), _DOWN, _REQUEST),
    Command("1001", Name("上传数采仪硬件序列号", "upload hardware serial"), _UP, _NOTICE, 2025),
    Command("1002", Name("设置设备唯一标识", "set MN"), _DOWN, _REQUEST, 2025),
    Command("1011", Name("提取现场机时间", "get device time"), _BOTH, _REQUEST),
    Command("1012", Name("设置现场机时间", "set device time"), _DOWN, _REQUEST),
    Command("1013", Name("现场机时间校准请求", "ask for time calibration"), _UP, _NOTICE),
    Command("1014", Name("提取或设置密钥", "get or set the SM4 key"), _BOTH, _REQUEST, 2025),
    Command("1061", Name("提取实时数据间隔", "get real-time interval"), _BOTH, _REQUEST),
    Command("1062", Name("设置实时数据间隔", "set real-time interval"), _DOWN, _REQUEST),
    Command("1063", Name("提取分钟数据间隔", "get minute interval"), _BOTH, _REQUEST),
    Command("1064", Name("设置分钟数据间隔", "set minute interval"), _DOWN, _REQUEST),
    Command("1072", Name("设置现场机访问密码", "set access password"), _DOWN, _REQUEST),
    Command("2011", Name("污染物实时数据", "real-time data"), _BOTH, _UPLOAD),
    Command("2012", Name("停止察看实时数据", "stop real-time data"), _DOWN, _NOTICE),
    Command("2013", Name("周期监测原始数据", "raw periodic data"), _UP, _UPLOAD, 2025),
    Command("2021", Name("设备运行状态数据", "facility state"), _BOTH, _UPLOAD),
    Command("2022", Name("停止察看设备运行状态", "stop facility state"), _DOWN, _NOTICE),
    Command("2031", Name("污染物日历史数据", "day data"), _BOTH, _UPLOAD),
    Command("2041", Name("设备运行时间日历史数据", "facility run time per day"), _BOTH, _UPLOAD),
    Command("2051", Name("污染物分钟数据", "minute data"), _BOTH, _UPLOAD),
    Command("2052", Name("噪声单次监测数据", "single noise measurement"), _UP, _UPLOAD, 2025),
    Command("2061", Name("污染物小时数据", "hour data"), _BOTH, _UPLOAD),
    Command("2062", Name("标样核查数据", "standard-sample check"), _UP, _UPLOAD, 2025),
    Command("2081", Name("数采仪开机时间", "logger start time"), _UP, _UPLOAD),
    Command("2111", Name("炉膛五分钟平均温度", "furnace 5-min mean"), _UP, _UPLOAD, 2025),
    Command("3011", Name("零点校准量程校准", "zero and span calibration"), _DOWN, _REQUEST),
    Command("3012", Name("即时采样", "sample now"), _DOWN, _REQUEST),
    Command("3013", Name("启动清洗反吹", "clean or blow back"), _DOWN, _REQUEST),
    Command("3014", Name("比对采样", "comparison sample"), _DOWN, _REQUEST),
    Command("3015", Name("超标留样", "over-limit sample retention"), _BOTH, _UPLOAD),
    Command("3016", Name("设置采样时间周期", "set sampling cycle"), _DOWN, _REQUEST),
    Command("3017", Name("提取采样时间周期", "get sampling cycle"), _BOTH, _REQUEST),
    Command("3018", Name("提取出样时间", "get sample-to-result time"), _BOTH, _REQUEST),
    Command("3019", Name("提取设备唯一标识", "instrument id"), _BOTH, _UPLOAD),
    Command("3020", Name("现场机信息", "site information"), _BOTH, _UPLOAD),
    Command("3021", Name("设置现场机参数", "set device parameter"), _DOWN, _REQUEST),
    Command("3022", Name("即时留样", "retain a sample now"), _DOWN, _REQUEST, 2025),
    Command("3024", Name("启动标样核查", "start standard-sample check"), _DOWN, _REQUEST, 2025),
    Command("9011", Name("请求应答", "request answer"), _UP, _ANSWER),
    Command("9012", Name("执行结果", "execution result"), _UP, _ANSWER),
    Command("9013", Name("通知应答", "notice answer"), _BOTH, _ANSWER),
    Command("9014", Name("数据应答", "data answer"), _BOTH, _ANSWER),
    Command("9015", Name("心跳", "heartbeat"), _UP, _NOTICE, 2025),
)
CN: Mapping[str, Command] = MappingProxyType({one.code: one for one in _COMMANDS})

# HJ 212-2017, table 5; 44 and 45 by HJ 212-2025.
_SYSTEMS = (
    System("21", Name("地表水质量监测", "surface water")),
    System("22", Name("空气质量监测", "ambient air")),
    System("23", Name("声环境质量监测", "ambient noise")),
    System("24", Name("地下水质量监测", "groundwater")),
    System("25", Name("土壤质量监测", "soil")),
    System("26", Name("海水质量监测", "sea")),
    System("27", Name("挥发性有机物监测", "volatile organic compounds")),
    System("31", Name("大气环境污染源", "air pollution source")),
    System("32", Name("地表水体环境污染源", "surface-water pollution source")),
    System("33", Name("地下水体环境污染源", "groundwater pollution source")),
    System("34", Name("海洋环境污染源", "sea pollution source")),
    System("35", Name("土壤环境污染源", "soil pollution source")),
    System("36", Name("声环境污染源", "noise source")),
    System("37", Name("振动环境污染源", "vibration source")),
    System("38", Name("放射性环境污染源", "radioactive source")),
    System("39", Name("工地扬尘污染源", "site dust source")),
    System("41", Name("电磁环境污染源", "electromagnetic source")),
    System("44", Name("用电监控", "electricity monitoring"), process=True, since=2025),
    System("45", Name("关键生产工况", "key production conditions"), process=True, since=2025),
    System("51", Name("烟气排放过程监控", "flue-gas process monitoring"), process=True),
    System("52", Name("污水排放过程监控", "sewage process monitoring"), process=True),
    System("91", Name("系统交互", "system interaction")),
)
ST: Mapping[str, System] = MappingProxyType({one.code: one for one in _SYSTEMS})

GAS_SYSTEMS = frozenset({"22", "27", "31", "39"})
WATER_SYSTEMS = frozenset({"21", "24", "26", "32", "33", "34"})


class ExeRtn(StrEnum):
    """Execution result (HJ 212-2017, table 6)."""

    DONE = "1"
    FAILED = "2"
    BAD_CONDITION = "3"
    TIMEOUT = "4"
    BUSY = "5"
    SYSTEM_FAULT = "6"
    NO_DATA = "100"


class QnRtn(StrEnum):
    """Request answer (HJ 212-2017, table 7)."""

    READY = "1"
    REFUSED = "2"
    BAD_PW = "3"
    BAD_MN = "4"
    BAD_ST = "5"
    BAD_FLAG = "6"
    BAD_QN = "7"
    BAD_CN = "8"
    BAD_CRC = "9"
    UNKNOWN = "100"
