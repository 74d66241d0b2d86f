"""`python -m edge_greengrass.camera --config FILE`."""

import sys

from edge_greengrass.camera.main import main

sys.exit(main(sys.argv[1:]))
