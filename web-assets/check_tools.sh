#!/bin/sh
# Names what this machine lacks, all at once, before anything is installed.
python="$1"
missing=""
"$python" -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info < (3, 14)))' 2>/dev/null ||
    missing="$missing\n  Python 3.11, 3.12 or 3.13 ($python is not; try make PYTHON=python3.13)"
"$python" -c 'import venv, ensurepip' 2>/dev/null ||
    missing="$missing\n  Python's venv module (Debian: apt-get install python3-venv)"
command -v node >/dev/null 2>&1 || missing="$missing\n  Node.js 20 or newer (Debian: apt-get install nodejs)"
command -v npm >/dev/null 2>&1 || missing="$missing\n  npm (Debian: apt-get install npm)"
if [ -n "$missing" ]; then
    printf 'This machine lacks:%b\n' "$missing" >&2
    exit 1
fi
