#!/bin/sh
# Make condition_names.h: the server's SQLSTATEs that are errors, and their names.
#
#   make_condition_names.sh ERRCODES_TXT ERRCODES_H
#
# Prints a line
#
#   {MAKE_SQLSTATE('2','3','5','0','5'), "unique_violation"},
#
# for each.  The text file, which servers install for procedural languages, has the
# names.  Where it is absent they are derived from the macros of the header; a dozen
# rare ones then differ from what PL/pgSQL calls them.
set -eu

echo "/* made by src/task/make_condition_names.sh, do not edit */"
if [ -r "$1" ]; then
	# 23505    E    ERRCODE_UNIQUE_VIOLATION    unique_violation
	awk '/^[0-9A-Z]+[ \t]+E[ \t]/ && $4 != "" { print $1, $4 }' "$1"
else
	# classes 00 to 02 are no errors; macros of some classes begin with the initials of
	# the class (T_R_), and a later macro of the same code is an older name
	awk '
		/^#define ERRCODE_[A-Z0-9_]+ MAKE_SQLSTATE/ {
			code = $0
			sub(/.*MAKE_SQLSTATE\(/, "", code)
			gsub(/[^0-9A-Z]/, "", code)
			name = tolower(substr($2, length("ERRCODE_") + 1))
			sub(/^([a-z]_)+/, "", name)
			sub(/pstatement/, "prepared_statement", name)
			if (code !~ /^0[0-2]/ && !(code in seen))
				print code, name
			seen[code] = 1
		}
	' "$2"
fi | awk -v q="'" '
	length($1) == 5 {
		separator = ""
		printf "{MAKE_SQLSTATE("
		for (i = 1; i <= 5; i++) {
			printf "%s%s%s%s", separator, q, substr($1, i, 1), q
			separator = ","
		}
		printf "), \"%s\"},\n", $2
	}
'
