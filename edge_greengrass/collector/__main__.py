"""`python -m edge_greengrass.collector --config FILE`."""

import sys

from edge_greengrass.collector.main import main

sys.exit(main(sys.argv[1:]))
