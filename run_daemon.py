"""Start the daemon: the same as ``autod run``."""

import sys

from autod.cli.main import main

if __name__ == "__main__":
    sys.argv[1:] = ["run", *sys.argv[1:]]
    main()
