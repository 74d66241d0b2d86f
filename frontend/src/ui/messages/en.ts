import type zh from "./zh-CN";

/** English, in the shape of the Chinese. */
const en: typeof zh = {
  product: { name: "Plume", long: "Emission Supervision Platform", short: "Plume" },
  action: {
    close: "Close", cancel: "Cancel", skip: "Skip to content", search: "Search", reset: "Reset", more: "Load more", logout: "Log out",
    back: "Back to home", respond: "Respond", fold: "Collapse menu", unfold: "Expand menu", copy: "Copy", open: "Open", show: "Show password", hide: "Hide password",
  },
  state: {
    loading: "Loading", empty: "No data", failed: "Something went wrong on this page", unreachable: "No network; waiting for the platform", refused: "The platform refused the request ({status})",
    trace: "Trace id", retry: "Retry", stale: "Data is {age} late; below is what was received last", beijing: "Beijing time",
  },
  time: { d: "{d} d", h: "{h} h", dh: "{d} d {h} h", hm: "{h} h {m} min", m: "{m} min", s: "{s} s", ago: "{age} ago" },
  menu: { home: "Home · Map", entHome: "Home", monitor: "Monitoring", alarms: "Alarms", account: "Account", main: "Main menu" },
  tab: { home: "Home", monitor: "Monitor", alarms: "Alarms", account: "Me" },
  frame: {
    region: "Region", allRegions: "All", theme: "Appearance", language: "Language", account: "Account menu", fresh: "Data is current, last received {age} ago", late: "Data is {age} late",
    never: "No data received yet", searchHint: "Search enterprises, outlets, MN, alarms", searchNone: "No enterprise, outlet or alarm matches", searchTip: "↑ ↓ to choose, Enter to open, Esc to close", help: "Keyboard shortcuts",
    position: "You are here",
  },
  theme: { system: "System", light: "Light", dark: "Dark" },
  keys: { search: "Search everything", help: "This help", rows: "Next / previous row", open: "Open the chosen row", close: "Close the panel", step: "Step the cursor of the curves", reset: "Reset the zoom of the curves (or double click)" },
  refused: {
    title403: "Not allowed", text403: "Your account may not use this page. Ask your administrator if you need it.",
    title404: "Not found", text404: "This address does not exist, or lies outside your scope.",
  },
  login: {
    title: "Log in", username: "Account", password: "Password", submit: "Log in", busy: "Logging in…", refused: "Wrong account or password", refusedCode: "The code is wrong or has expired",
    refusedPassword: "The new password does not meet the policy; choose another", lost: "The login service cannot be reached; try again", tooMany: "Too many attempts; try again later", caps: "Caps Lock is on",
    newTitle: "Set a new password", newHint: "Choose a new password on your first login.", newPassword: "New password", again: "New password again", differ: "The two entries differ", next: "Continue",
    codeTitle: "Verification code", codeHint: "Enter the 6 digits of your authenticator.", code: "6-digit code", restart: "Another account", forgot: "Forgot your password? Ask your administrator to reset it.",
    tagline: "Emissions, process and video as one", ended: "Your session has ended; log in again", version: "Version {version}",
  },
  role: {
    city_centre: "City monitoring centre", city_enforcement: "City enforcement", county: "County bureau", enterprise: "Enterprise", operator: "O&M contractor", leader: "Leader",
    system_admin: "System administrator", security_admin: "Security administrator", audit_admin: "Audit administrator",
  },
  account: { title: "Account", username: "Account", name: "Name", role: "Role", organisation: "Organisation", scope: "Data scope", permissions: "Permissions", none: "None" },
  severity: { L1: "Critical", L2: "Major", L3: "Serious", L4: "Minor", L5: "Notice", none: "No alarm" },
  medium: { gas: "Gas", water: "Water" },
  outletState: { online: "Online", offline: "Offline", pending: "Pending" },
  attention: { state: "State-watched", province: "Province-watched", city: "City-watched", other: "Other" },
  industry: {
    thermal_power: "Thermal power", power: "Thermal power", gas_power: "Gas power", gas_turbine: "Gas power", sewage: "Sewage works", wastewater: "Sewage works", aluminium: "Aluminium",
    cement: "Cement", steel: "Steel", coking: "Coking", chemical: "Chemicals", carbon: "Carbon", voc: "VOC treatment", bench: "Test bench", other: "Other",
  },
  alarmType: {
    EXCEED: "Exceedance", INCONSISTENT: "Inconsistent data", INSUFFICIENT: "Insufficient data", CLOCK: "Clock mismatch", PROD_STOP: "Production stop", ALL_MISSING: "All data missing",
    TREAT_FAULT: "Treatment fault", AFTER_STOP: "Abnormal after stop",
  },
  condition: { active: "Active", cleared: "Cleared" },
  handling: { awaiting_response: "Awaiting response", responded: "Responded" },
  command: { acknowledge: "Responded" },
  basis: { measured: "measured", converted: "converted" },
  span: { rtd: "Live", minute: "Minute", hour: "Hour", day: "Day" },
  source: { reported: "reported", computed: "computed", corrected: "corrected" },
  flag: { N: "Normal", F: "Stopped", M: "Maintenance", S: "Set by hand", D: "Fault", C: "Calibration", T: "Over range", B: "Communication fault" },
  verdict: {
    OK: "Valid", OK_WITH_WARNINGS: "Valid with warnings", REJECT_CRC: "Bad CRC", REJECT_LEN: "Bad length", REJECT_SYNTAX: "Bad syntax", UNKNOWN_MN: "Unknown MN",
    BAD_PW: "Wrong password", QUARANTINE: "Time quarantine",
  },
  home: {
    title: "Home · Map", map: "Map of enterprises", list: "List", mapView: "Map", enterprises: "Enterprises", outlets: "Outlets", online: "online", offline: "offline", pending: "pending",
    active: "Active alarms", awaiting: "Awaiting response", live: "Live alarms", all: "All alarms", none: "No alarms; all is well", noEnterprise: "No enterprise matches; widen the filters",
    industry: "Industry", attention: "Attention", medium: "Medium", state: "State", anyIndustry: "All industries", anyAttention: "Any attention", anyMedium: "Gas and water", anyState: "Any state",
    fit: "Show all", zoomIn: "Zoom in", zoomOut: "Zoom out", cluster: "{n} enterprises", newest: "Newest values and limits", address: "Address", toMonitor: "Monitoring", toAlarms: "See alarms",
    pickState: { alarm: "With alarms", online: "All online", offline: "Some offline" }, enterprise: "Enterprise", region: "County", worst: "Worst", noValue: "No data yet", mine: "Our outlets",
    alarmCount: "{n} alarms", outletsOf: "{n} outlets",
  },
  monitor: {
    title: "Monitoring", tree: "Outlet tree", find: "Find enterprise, outlet or MN", abnormal: "Abnormal only", pick: "Choose an outlet on the left to see its curves.", noMatch: "No outlet matches",
    factors: "Factors", curves: "Curves", span: "Kind of data", live: "Following live", back: "Back to live", earlier: "Earlier", later: "Later", latest: "Newest", alarms: "Alarms", frames: "Raw frames",
    parameter: "Parameter", value: "Value", converted: "Converted", unit: "Unit", limit: "Limit", flag: "Flag", time: "Time", measured: "Measured", received: "Received", mn: "MN", st: "ST",
    oxygen: "reference O₂ {value}%", noCurve: "No data in this range. Try another kind of data, or look earlier.", noAlarm: "No active alarms", noFrame: "No frame received in the last hour", acknowledged: "Answered", unanswered: "Unanswered",
    limitLine: "Limit {value}", range: { h1: "Last hour", h6: "Last 6 h", h24: "Last 24 h", d3: "Last 3 d", d7: "Last 7 d", d30: "Last 30 d", d90: "Last 90 d" },
    lane: "{factor}, curve of {count} points, newest {value} {unit}", panel: "Side panel", bad: "invalid", thinned: "Many points: thinned for display, extremes kept", from: "From", to: "To",
    keys: "← → step the cursor, drag to zoom, double click to reset", framesOf: "Last hour", pickOutlet: "Choose an outlet",
  },
  alarms: {
    title: "Alarms", region: "Region", list: "Alarm list", severity: "Severity", id: "Alarm", first: "First", last: "Last", lasted: "Lasted", enterprise: "Enterprise", outlet: "Outlet", type: "Type", factor: "Factor",
    value: "Value / limit", times: "Excess", count: "Count", condition: "Condition", handling: "Handling", act: "Action", any: "All", time: "Time", anyTime: "Any time", today: "Today", yesterday: "Yesterday",
    h1: "Last hour", d7: "Last 7 d", d30: "Last 30 d", month: "This month", custom: "Custom", from: "From", to: "To", fresh: "{n} new alarms; click to see",
    none: "No alarm matches", noneHint: "Widen the filters.", shown: "{n} shown", end: "No more", open: "See in the curves", detail: "Alarm", sentence: "Finding", rule: "Rule",
    ruleVersion: "{id}, version {version}", history: "Handling", noHistory: "Not handled yet", raised: "Raised", cleared: "Cleared", respondTitle: "Respond to the alarm", reason: "Note (optional)",
    reasonHint: "For example: called the enterprise to verify", taken: "Already handled by {who}", done: "Responded to {id}", by: "{who} · {role}", stepped: "{before} → {after}", over: "{times} times over", filters: "Filters",
    worstValue: "Worst value", limit: "Limit", pickRow: "Choose a row to see it", clear: "Clear filters", all: "All",
  },
};
export default en;
