"""`python -m edge_greengrass.uplink --config FILE`."""

import sys

from edge_greengrass.uplink.main import main

sys.exit(main(sys.argv[1:]))
