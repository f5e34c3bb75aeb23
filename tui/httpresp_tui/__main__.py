"""`python -m httpresp_tui`."""

import sys

from httpresp_tui.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
