"""Write the description of the API where others read it: `python -m plume.wire.openapi_file`."""

import json
import sys
from pathlib import Path

from plume.wire.openapi import document

if __name__ == "__main__":
    text = json.dumps(document(), ensure_ascii=False, indent=1, sort_keys=True)
    Path(sys.argv[1]).write_text(text + "\n", encoding="utf-8")
