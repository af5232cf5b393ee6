# Compiles .sql files into C: awk -v want=h|c -v set=NAME -f statements.awk FILE.sql ...
#
# A file's name is its prepared statement's name, and SQL_ and that in capitals its number in NAME_statements[].  The first line
# of a file is "-- read: ..." or "-- write: ...": only a read may be repeated; "-- read (SCHEMA.VIEW): ..." is prepared only where there
# is that view; "-- script: ..." is what can't be prepared and has no parameters, for the tool.  Lines of comment are left out,
# and after the last statement comes one without a name.  A statement is lazy that reads the directory by oauth.live_token or
# oauth.live_session (which oauth.bearer_judged reads) alone.

function finish() {
	if (file == "")
		return
	if (kind == "") {
		print file ": the first line is none of \"-- read: ...\", \"-- write: ...\", \"-- script: ...\"" > "/dev/stderr"
		failed = 1
	}
	symbols[++count] = "SQL_" toupper(name)
	body[count] = "\t{ \"" name "\",\n" text "\t  , " parameters ", " (kind == "read" ? "true" : "false") ", " needs \
	    ", " (text ~ /oauth\.(live_token|live_session|bearer_judged)/ && text !~ /directory\./ ? "true" : "false") " },\n"
}

FNR == 1 {
	finish()
	file = FILENAME
	name = FILENAME
	sub(/^.*\//, "", name)
	sub(/\.sql$/, "", name)
	kind = $0 ~ /^-- (script|(read|write)( \([a-z_.]+\))?): / ? $2 : ""
	sub(/:$/, "", kind)
	needs = match($0, /\([a-z_.]+\): /) ? "\"" substr($0, RSTART + 1, RLENGTH - 4) "\"" : "NULL"
	text = ""
	parameters = 0
}

/^[ \t]*--/ || /^[ \t]*$/ { next }

{
	line = $0
	while (match(line, /\$[0-9]+/)) {
		n = substr(line, RSTART + 1, RLENGTH - 1) + 0
		if (n > parameters)
			parameters = n
		line = substr(line, RSTART + RLENGTH)
	}
	line = $0
	gsub(/\\/, "&&", line)
	gsub(/"/, "\\\\&", line)
	text = text "\t  \"" line "\\n\"\n"
}

END {
	finish()
	if (failed)
		exit 1
	print "/* Made from .sql files by statements.awk. */"
	if (want == "h") {
		print "#include \"db/db.h\"\n\nenum {"
		for (i = 1; i <= count; i++)
			print "\t" symbols[i] ","
		print "\tSQL_" toupper(set) "_COUNT\n};\n\nextern const struct statement " set "_statements[SQL_" toupper(set) "_COUNT + 1];"
	} else {
		print "#include \"" set "_sql.h\"\n\nconst struct statement " set "_statements[SQL_" toupper(set) "_COUNT + 1] = {"
		for (i = 1; i <= count; i++)
			printf "%s", body[i]
		print "\t{ 0 },\n};"
	}
}
