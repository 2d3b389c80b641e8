"""Makes `python -m insightshare` the same as the `insightshare` command."""

from insightshare.cli import main

if __name__ == "__main__":
    main()
