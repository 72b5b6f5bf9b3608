#!/bin/sh
# Print the Python to work with: the environment's own if it runs, else one that can make the environment.
# VENV and PYTHON come from the Makefile; PYTHON, if set, is the only candidate.
set -u
venv=${VENV:-.venv}

if "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    printf '%s\n' "$venv/bin/python"
    exit 0
fi

# Prints "tested", "newer", "old VERSION" or "bare VERSION" (no venv or ensurepip); nothing if it does not run.
state() {
    "$1" - 2>/dev/null <<'EOF'
import sys
version = sys.version_info[:2]
try:
    import ensurepip, venv
    bare = False
except ImportError:
    bare = True
if version < (3, 11):
    print("old %d.%d" % version)
elif bare:
    print("bare %d.%d" % version)
else:
    print("tested" if version <= (3, 13) else "newer")
EOF
}

newer=
found=
for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.15 python3.14 python}; do
    case $(state "$candidate") in
    tested)
        command -v "$candidate"
        exit 0
        ;;
    newer) newer=${newer:-$candidate} ;;
    old*) found="$found
  $candidate is Python $(state "$candidate" | cut -d' ' -f2), which is too old" ;;
    bare*) found="$found
  $candidate is Python $(state "$candidate" | cut -d' ' -f2), installed without venv and ensurepip (Debian, Ubuntu: package python3-venv)" ;;
    *) [ -n "${PYTHON:-}" ] && found="$found
  $candidate does not run" ;;
    esac
done
if [ -n "$newer" ]; then
    command -v "$newer"
    exit 0
fi

cat >&2 <<EOF
ffstats needs Python 3.11, 3.12 or 3.13 with its venv module, and found none.${found:-
  No program called python3 runs.}
Install one of them, then run make again; or name it: make PYTHON=/path/to/python3.12
EOF
exit 1
