"""`python -m ffstats` is the command `ffstats`."""

from ffstats.cli import main

if __name__ == "__main__":
    main()
