#!/bin/sh
# fill_secrets.sh FILE OUT: copies a configuration and puts in the secrets that it names by file, so that it can be kept
# where everybody may read it. A value written as "${file:/run/secrets/kafka-password}" becomes the text of that file,
# without the newline at its end, quoted as YAML has it. A relative path starts at $CREDENTIALS_DIRECTORY, where systemd
# puts credentials. OUT may be read by its owner alone; nothing is written if a file is missing.
set -eu
[ $# = 2 ] || { echo 'fill_secrets: fill_secrets.sh FILE OUT' >&2; exit 2; }
umask 077
draft=$2.new
trap 'rm -f "$draft"' EXIT

name=$1 awk '
  function fail(why) { print "fill_secrets: " ENVIRON["name"] ":" NR ": " why > "/dev/stderr"; failed = 1; exit 1 }
  function secret(path,    text, line, lines, status) {
    if (path !~ /^\//) {
      if (ENVIRON["CREDENTIALS_DIRECTORY"] == "") fail(path " is relative, and there is no CREDENTIALS_DIRECTORY")
      path = ENVIRON["CREDENTIALS_DIRECTORY"] "/" path
    }
    while ((status = (getline line < path)) > 0) {
      if (++lines > 1) fail(path " has more than one line")
      text = line
    }
    close(path)
    if (status < 0) fail(path " cannot be read")
    if (text == "") fail(path " is empty")
    if (text ~ /[[:cntrl:]]/) fail(path " has a control character in it")
    gsub(/\047/, "\047\047", text) # a quote inside single quotes is written twice
    return "\047" text "\047"
  }
  # A comment line may say how it is done without doing it.
  /^[[:space:]]*#/ { print; next }
  {
    rest = $0
    line = ""
    while (match(rest, /["\047]?\$\{file:[^}"\047]*\}["\047]?/)) {
      name = substr(rest, RSTART, RLENGTH)
      before = substr(rest, 1, RSTART - 1)
      rest = substr(rest, RSTART + RLENGTH)
      if (name !~ /^(".*"|\047.*\047)$/) fail("write \"${file:/path}\" as a whole value, in quotes")
      sub(/^.\$\{file:/, "", name)
      sub(/\}.$/, "", name)
      line = line before secret(name)
    }
    print line rest
  }
  END { if (failed) exit 1 }
' <"$1" >"$draft"
mv "$draft" "$2"
trap - EXIT
