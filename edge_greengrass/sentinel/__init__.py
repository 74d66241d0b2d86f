"""The sentinel: judges on site while the line is down."""
