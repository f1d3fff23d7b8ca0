/*-------------------------------------------------------------------------
 *
 * java_text.c
 *	  Values as Java's toString() shows them.
 *
 * AWS's engine is written in Java, and where a text of it quotes a value, that
 * is what it looks like: {a=1, b=[x, y]}, strings without quotes.
 *
 * IDENTIFICATION
 *	  src/jsonpath/java_text.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "jsonpath/jsonpath.h"

static void
append_object(StringInfo out, Value object)
{
	ValueObjectIter it;
	const char *separator = "";

	appendStringInfoChar(out, '{');
	value_object_begin(&it, object);
	while (value_object_next(&it))
	{
		appendStringInfoString(out, separator);
		appendBinaryStringInfo(out, it.key, it.key_len);
		appendStringInfoChar(out, '=');
		jp_append_java_text(out, it.value);
		separator = ", ";
	}
	appendStringInfoChar(out, '}');
}

static void
append_array(StringInfo out, Value array)
{
	int length = value_array_length(array);
	int i;

	appendStringInfoChar(out, '[');
	for (i = 0; i < length; i++)
	{
		if (i > 0)
			appendStringInfoString(out, ", ");
		jp_append_java_text(out, value_array_get(array, i));
	}
	appendStringInfoChar(out, ']');
}

void
jp_append_java_text(StringInfo out, Value value)
{
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	switch (value_type(value))
	{
		case TYPE_OBJECT:
			append_object(out, value);
			break;
		case TYPE_ARRAY:
			append_array(out, value);
			break;
		case TYPE_STRING:
			appendBinaryStringInfo(out, value.u.string, value.len);
			break;
		default:
			value_append_text(out, value);
			break;
	}
}
