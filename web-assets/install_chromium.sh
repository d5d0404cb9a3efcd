#!/bin/sh
# Debian's Chromium for the browser tests, installed if absent and allowed; otherwise says how. Never fails the set-up:
# the product runs without it, and the browser tests say that it is missing.
command -v chromium >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0
fi
echo "Chromium is missing. The product runs without it; the browser tests need it: apt-get install chromium (as root)." >&2
