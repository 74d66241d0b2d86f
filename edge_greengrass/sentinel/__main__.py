"""`python -m edge_greengrass.sentinel --config FILE`."""

import sys

from edge_greengrass.sentinel.main import main

sys.exit(main(sys.argv[1:]))
