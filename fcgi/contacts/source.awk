# Compiles a text file into C: awk -v name=NAME -f source.awk FILE
BEGIN {
	print "/* Made by source.awk. */\n#include \"contacts/document.h\"\n\nconst char " name "[] ="
}

{
	gsub(/\\/, "&&")
	gsub(/"/, "\\\\&")
	print "\t\"" $0 "\\n\""
}

END {
	print "\t;"
}
