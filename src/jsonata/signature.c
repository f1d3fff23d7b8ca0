/*-------------------------------------------------------------------------
 *
 * signature.c
 *	  Signatures of functions: "<s-nn?:s>".
 *
 * The reference makes a regular expression of a signature and matches the
 * types of the arguments against it, one letter each: s n b l o a f, and m for
 * what is undefined, which fits everywhere.  A parameter takes one argument,
 * one or none ("?"; "-": none means the context), or several ("+"), as many as
 * the following ones leave it.
 *
 * Knows types; must not know the evaluator.
 *
 * IDENTIFICATION
 *	  src/jsonata/signature.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "jsonata/eval.h"

/* Sets of types; the letters in this order */
#define TYPE_LETTERS "snblofam"
#define BIT_STRING 0x01
#define BIT_NUMBER 0x02
#define BIT_BOOL 0x04
#define BIT_NULL 0x08
#define BIT_OBJECT 0x10
#define BIT_FUNCTION 0x20
#define BIT_ARRAY 0x40
#define BIT_MISSING 0x80
#define BITS_ANY 0xFF

/* A signature has no more parameters than that */
#define MAX_SIGNATURE 64

typedef struct Param
{
	uint8 types;
	uint8 item_type; /* of an array's items; 0: any */
	char letter;
	bool optional;
	bool context; /* stands in where there is no argument */
	bool several;
	const char *item_types; /* plural of item_type; NULL where there is no word for it */
} Param;

struct JsonataSignature
{
	int nparams;
	Param params[FLEXIBLE_ARRAY_MEMBER];
};

static bool parse_param(const char *text, int len, int *at, Param *param);
static bool parse_subtype(const char *text, int len, int *at, Param *param);
static int closing(const char *text, int len, int at, char open, char close);
static uint8 letter_bit(char letter);
static uint8 type_bit(Value v);
static bool check_quickly(const JsonataSignature *signature, Value *args, int nargs);
static bool match(const JsonataSignature *signature, int param, const uint8 *types,
				  int at, int nargs, int *counts, bool *failed);
static bool place(const JsonataSignature *signature, const int *counts, Value **args,
				  int *nargs, Value context, JsonataSignatureFault *fault);
static bool fit_array(const Param *param, Value *arg);
static bool mismatch(const JsonataSignature *signature, const Value *args,
					 const uint8 *types, int nargs, JsonataSignatureFault *fault);
static bool set_fault(JsonataSignatureFault *fault, const char *code, Value value,
					  int index, const char *type);

JsonataSignature *
jsonata_signature_compile(const char *text, int len, const char **code, int *offset)
{
	JsonataSignature *signature =
		palloc0(offsetof(JsonataSignature, params) + Max(len, 1) * sizeof(Param));
	Param *previous = NULL;

	for (int at = 1; at < len && text[at] != ':'; at++)
	{
		Param *param = &signature->params[signature->nparams];

		*offset = at;
		*code = "S0402";
		switch (text[at])
		{
			case '-':
				if (previous != NULL)
					previous->context = previous->optional = true;
				break;
			case '?':
				if (previous != NULL)
					previous->optional = true;
				break;
			case '+':
				if (previous != NULL)
					previous->several = true;
				break;
			case '<':
				*code = "S0401";
				if (previous == NULL || !parse_subtype(text, len, &at, previous))
					return NULL;
				break;
			default:
				if (!parse_param(text, len, &at, param))
					return NULL;
				if (param->types != 0 && signature->nparams < MAX_SIGNATURE)
				{
					previous = param;
					signature->nparams++;
				}
		}
	}
	return signature;
}

/* A type or a choice of types; other letters mean nothing */
static bool
parse_param(const char *text, int len, int *at, Param *param)
{
	char letter = text[*at];
	int end;

	memset(param, 0, sizeof(Param));
	param->letter = letter;
	switch (letter)
	{
		case 's':
		case 'n':
		case 'b':
		case 'l':
		case 'o':
			param->types = letter_bit(letter) | BIT_MISSING;
			return true;
		case 'f':
			param->types = BIT_FUNCTION;
			return true;
		case 'a':
		case 'x':
			param->types = BITS_ANY;
			return true;
		case 'j':
			param->types = BITS_ANY & ~BIT_FUNCTION;
			return true;
		case '(':
			end = closing(text, len, *at, '(', ')');
			param->types = BIT_MISSING;
			for (int i = *at + 1; i < end; i++)
			{
				if (text[i] == '<')
					return false;
				param->types |= letter_bit(text[i]);
			}
			*at = end;
			return true;
		default:
			return true;
	}
}

/* <...> behind an array or a function; what a function takes is not looked at */
static bool
parse_subtype(const char *text, int len, int *at, Param *param)
{
	static const char *const plurals[] =
		{"strings", "numbers", "booleans", NULL, "objects", "functions", "arrays"};
	int end = closing(text, len, *at, '<', '>');

	if (param->letter != 'a' && param->letter != 'f')
		return false;
	if (param->letter == 'a' && end > *at + 1)
	{
		const char *found = strchr(TYPE_LETTERS, text[*at + 1]);

		param->item_type = letter_bit(text[*at + 1]);
		if (found != NULL && found - TYPE_LETTERS < lengthof(plurals))
			param->item_types = plurals[found - TYPE_LETTERS];
	}
	*at = end;
	return true;
}

static int
closing(const char *text, int len, int at, char open, char close)
{
	int depth = 1;

	while (++at < len)
	{
		if (text[at] == close && --depth == 0)
			break;
		if (text[at] == open)
			depth++;
	}
	return at;
}

static uint8
letter_bit(char letter)
{
	const char *found = letter == '\0' ? NULL : strchr(TYPE_LETTERS, letter);

	return found == NULL ? 0 : (uint8) (1 << (found - TYPE_LETTERS));
}

static inline uint8
type_bit(Value v)
{
	static const uint8 bits[] = {
		[VALUE_UNDEFINED] = BIT_MISSING,
		[VALUE_NULL] = BIT_NULL,
		[VALUE_BOOL] = BIT_BOOL,
		[VALUE_DOUBLE] = BIT_NUMBER,
		[VALUE_NUMERIC] = BIT_NUMBER,
		[VALUE_STRING] = BIT_STRING,
		[VALUE_ARRAY] = BIT_ARRAY,
		[VALUE_OBJECT] = BIT_OBJECT,
		[VALUE_FUNCTION] = BIT_FUNCTION,
	};

	if (v.kind == VALUE_JSONB)
		return JsonContainerIsObject(v.u.jsonb) ? BIT_OBJECT : BIT_ARRAY;
	return bits[v.kind];
}

/* Checking */

bool
jsonata_signature_check(const JsonataSignature *signature, Value **args, int *nargs,
						Value context, JsonataSignatureFault *fault)
{
	uint8 room[32];
	uint8 *types = room;
	int counts[MAX_SIGNATURE];
	bool *failed;

	if (check_quickly(signature, *args, *nargs))
		return true;
	if (*nargs > lengthof(room))
		types = palloc(*nargs);
	for (int i = 0; i < *nargs; i++)
		types[i] = type_bit((*args)[i]);
	failed = palloc0_array(bool, (signature->nparams + 1) * (*nargs + 1));
	if (!match(signature, 0, types, 0, *nargs, counts, failed))
		return mismatch(signature, *args, types, *nargs, fault);
	return place(signature, counts, args, nargs, context, fault);
}

/* One argument for each parameter, and only optional ones left over */
static bool
check_quickly(const JsonataSignature *signature, Value *args, int nargs)
{
	if (nargs > signature->nparams)
		return false;
	for (int i = 0; i < nargs; i++)
	{
		if (!(signature->params[i].types & type_bit(args[i])))
			return false;
	}
	for (int i = nargs; i < signature->nparams; i++)
	{
		if (!signature->params[i].optional || signature->params[i].context)
			return false;
	}
	for (int i = 0; i < nargs; i++)
	{
		if (signature->params[i].letter == 'a' &&
			!fit_array(&signature->params[i], &args[i]))
			return false;
	}
	return true;
}

/*
 * As many arguments as fit to each parameter, from the left, so that all are used.
 * What parameters could not do with the arguments from some place on is noted in
 * failed: it would be tried again in as many ways as there are to get there.
 */
static bool
match(const JsonataSignature *signature, int param, const uint8 *types, int at, int nargs,
	  int *counts, bool *failed)
{
	const Param *p = &signature->params[param];
	int place = param * (nargs + 1) + at;
	int most;
	int least;
	int fitting = 0;

	if (param == signature->nparams)
		return at == nargs;
	if (failed[place])
		return false;
	CHECK_FOR_INTERRUPTS();
	most = p->several ? nargs - at : 1;
	least = p->optional ? 0 : 1;
	while (fitting < most && at + fitting < nargs && (p->types & types[at + fitting]))
		fitting++;
	for (int n = fitting; n >= least; n--)
	{
		counts[param] = n;
		if (match(signature, param + 1, types, at + n, nargs, counts, failed))
			return true;
	}
	failed[place] = true;
	return false;
}

static bool
place(const JsonataSignature *signature, const int *counts, Value **args, int *nargs,
	  Value context, JsonataSignatureFault *fault)
{
	int room = Max(signature->nparams + *nargs, JSONATA_MAX_PARAMS);
	Value *out = palloc0_array(Value, room);
	int count = 0;
	int at = 0;

	for (int i = 0; i < signature->nparams; i++)
	{
		const Param *p = &signature->params[i];

		if (counts[i] == 0)
		{
			if (p->context)
			{
				if (!(p->types & type_bit(context)))
					return set_fault(fault, "T0411", context, at + 1, NULL);
				out[count++] = context;
			}
			else
			{
				out[count++] = at < *nargs ? (*args)[at] : value_undefined();
				at++;
			}
		}
		for (int n = 0; n < counts[i]; n++)
		{
			/* as in the reference, an optional one that was left out has taken its place */
			Value arg = at < *nargs ? (*args)[at] : value_undefined();

			if (p->letter == 'a' && !fit_array(p, &arg))
				return set_fault(fault, "T0412", arg, at + 1, p->item_types);
			out[count++] = arg;
			at++;
		}
	}
	*args = out;
	*nargs = count;
	return true;
}

/* An array whose items are right; anything else becomes an array of one.  false: the
 * items are of another type. */
static bool
fit_array(const Param *param, Value *arg)
{
	ValueArrayIter it;

	if (arg->kind == VALUE_UNDEFINED)
		return true;
	if (!jsonata_is_array(*arg))
	{
		if (param->item_type != 0 && type_bit(*arg) != param->item_type)
			return false;
		*arg = jsonata_array_of(*arg, 0);
		return true;
	}
	if (param->item_type == 0)
		return true;
	value_array_begin(&it, *arg);
	while (value_array_next(&it))
	{
		if (type_bit(it.value) != param->item_type)
			return false;
	}
	return true;
}

/* Which argument is it?  The one behind those that the longest fitting beginning of the
 * signature takes. */
static bool
mismatch(const JsonataSignature *signature, const Value *args, const uint8 *types,
		 int nargs, JsonataSignatureFault *fault)
{
	int good = 0;
	int at = 0;

	for (int i = 0; i < signature->nparams; i++)
	{
		const Param *p = &signature->params[i];
		int taken = 0;

		while (at < nargs && (p->types & types[at]) && (taken == 0 || p->several))
		{
			taken++;
			at++;
		}
		if (taken == 0 && !p->optional)
			break;
		good = at;
	}
	return set_fault(fault,
					 "T0410",
					 good < nargs ? args[good] : value_undefined(),
					 good + 1,
					 NULL);
}

static bool
set_fault(JsonataSignatureFault *fault, const char *code, Value value, int index,
		  const char *type)
{
	fault->code = code;
	fault->value = value;
	fault->index = index;
	fault->type = type;
	return false;
}

/* Builtins */

/* Hash over the names of the table, made when first asked */
#define BUILTIN_SLOTS 256

static int16 builtin_slots[BUILTIN_SLOTS]; /* position + 1 */
static JsonataFunction *builtin_functions;

static uint32
name_slot(const char *name, int len)
{
	return hash_bytes((const unsigned char *) name, len) % BUILTIN_SLOTS;
}

static void
load_builtins(void)
{
	MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);
	JsonataFunction *functions = palloc0_array(JsonataFunction, jsonata_builtin_count);
	const char *code;
	int offset;

	Assert(jsonata_builtin_count < BUILTIN_SLOTS / 2);
	for (int i = 0; i < jsonata_builtin_count; i++)
	{
		const JsonataBuiltin *builtin = &jsonata_builtins[i];
		uint32 slot = name_slot(builtin->name, (int) strlen(builtin->name));

		while (builtin_slots[slot] != 0)
			slot = (slot + 1) % BUILTIN_SLOTS;
		builtin_slots[slot] = (int16) (i + 1);
		functions[i].kind = FUNCTION_BUILTIN;
		functions[i].arity = builtin->arity;
		functions[i].u.builtin.builtin = builtin;
		if (builtin->signature != NULL)
			functions[i].u.builtin.signature =
				jsonata_signature_compile(builtin->signature,
										  (int) strlen(builtin->signature),
										  &code,
										  &offset);
	}
	builtin_functions = functions;
	MemoryContextSwitchTo(old);
}

const JsonataBuiltin *
jsonata_builtin(const char *name, int len)
{
	if (builtin_functions == NULL)
		load_builtins();
	for (uint32 slot = name_slot(name, len); builtin_slots[slot] != 0;
		 slot = (slot + 1) % BUILTIN_SLOTS)
	{
		const JsonataBuiltin *builtin = &jsonata_builtins[builtin_slots[slot] - 1];

		if (strncmp(builtin->name, name, len) == 0 && builtin->name[len] == '\0')
			return builtin;
	}
	return NULL;
}

Value
jsonata_builtin_function(const JsonataBuiltin *builtin)
{
	return jsonata_function_value(&builtin_functions[builtin - jsonata_builtins]);
}
