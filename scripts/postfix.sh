#!/usr/bin/env bash
# Prints the directory in which Postfix's smtp-sink and smtp-source lie. They are taken out of Debian's package, into
# the user's cache; nothing is installed and no service runs.

# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

home="$HEARTH_CACHE/postfix"
programs="$home/usr/sbin"

has_programs() {
    [[ -x "$programs/smtp-sink" && -x "$programs/smtp-source" && -f "$home/complete" ]]
}

if ! has_programs; then
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
        die "smtp-sink and smtp-source come from Debian's package postfix; here there is no apt-get"
    mkdir -p "$HEARTH_CACHE"
    work=$(mktemp -d "$HEARTH_CACHE/postfix.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    (cd "$work" && { apt-get download -qq postfix >&2 || { as_root apt-get update -qq >&2 && apt-get download -qq postfix >&2; }; }) ||
        die "could not download the package postfix"
    dpkg-deb -x "$work"/postfix_*.deb "$work/made"
    touch "$work/made/complete"
    # A run that came first has made the same.
    rm -rf "$home"
    mv "$work/made" "$home"
    has_programs || die "the package postfix has no smtp-sink"
fi
# The account that the sink runs as must be able to read it.
printf '%s\n' "$home"
