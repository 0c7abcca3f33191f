#!/bin/sh
# fill.sh FILE OUT: copies a configuration and fills in what does not belong into a file that everybody may read.
#
#   "${file:/run/secrets/kafka-password}"   becomes the text of that file, one line, quoted as YAML has it; a relative
#                                           path starts at $CREDENTIALS_DIRECTORY, where systemd puts credentials
#   "${env:LISTEN}"                         becomes the value of that variable, which must be set
#
# Each stands for a whole value, in quotes or as the rest of a line. OUT may be read by its owner alone, and is not written at all if something
# is missing. Relative paths in a configuration start at its own folder, so let what is filled in have absolute ones.
set -eu
[ $# = 2 ] || { echo 'fill: fill.sh FILE OUT' >&2; exit 2; }
umask 077
draft=$2.new
trap 'rm -f "$draft"' EXIT

name=$1 awk '
  function fail(why) {
    print "fill: " ENVIRON["name"] ":" NR ": " why > "/dev/stderr"
    failed = 1
    exit 1
  }
  function file(path,    text, line, lines, status) {
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
    return text
  }
  function env(variable) {
    if (!(variable in ENVIRON)) fail("the variable " variable " is not set")
    return ENVIRON[variable]
  }
  function quoted(text, from) {
    if (text ~ /[[:cntrl:]]/) fail(from " has a control character in it")
    gsub(/\047/, "\047\047", text) # a quote inside single quotes is written twice
    return "\047" text "\047"
  }
  /^[[:space:]]*#/ { print; next } # a comment may say how it is done without doing it
  {
    line = ""
    rest = $0
    while (match(rest, /["\047]?\$\{(file|env):[^}"\047]*\}["\047]?/)) {
      name = substr(rest, RSTART, RLENGTH)
      line = line substr(rest, 1, RSTART - 1)
      rest = substr(rest, RSTART + RLENGTH)
      plain = name ~ /^\$.*\}$/ && line ~ /[:-][ \t]+$/ && rest ~ /^[ \t]*(#.*)?$/
      if (!plain && name !~ /^(".*"|\047.*\047)$/) fail("only a whole value is filled in, not " name)
      gsub(/^["\047]?\$\{|\}["\047]?$/, "", name)
      kind = substr(name, 1, index(name, ":") - 1)
      name = substr(name, index(name, ":") + 1)
      line = line quoted(kind == "env" ? env(name) : file(name), name)
    }
    print line rest
  }
  END { if (failed) exit 1 }
' <"$1" >"$draft"
mv "$draft" "$2"
trap - EXIT
