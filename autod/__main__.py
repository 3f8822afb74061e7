"""``python -m autod`` is the same as ``autod``."""

from autod.cli.main import main

if __name__ == "__main__":
    main()
