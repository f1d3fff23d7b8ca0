-- texts that are not JSON, or not JSON enough
\pset format unaligned
\pset tuples_only on

SELECT * FROM workflow.validate_state_machine_definition('not a definition');
SELECT * FROM workflow.validate_state_machine_definition('');
SELECT * FROM workflow.validate_state_machine_definition(E' \n\t');
SELECT * FROM workflow.validate_state_machine_definition('[]');
SELECT * FROM workflow.validate_state_machine_definition('"x"');
SELECT message FROM workflow.validate_state_machine_definition('{"a": nul}');
SELECT message FROM workflow.validate_state_machine_definition('{"a": trueish}');
SELECT message FROM workflow.validate_state_machine_definition('{"a": ééé }');
SELECT message FROM workflow.validate_state_machine_definition('{');
SELECT message FROM workflow.validate_state_machine_definition(E'{\n  "a": [1,\n  ');
SELECT message FROM workflow.validate_state_machine_definition('{"a"');
SELECT message FROM workflow.validate_state_machine_definition('{"a": "b');
SELECT message FROM workflow.validate_state_machine_definition('{"a');
SELECT message FROM workflow.validate_state_machine_definition('{"a" 1}');
SELECT message FROM workflow.validate_state_machine_definition('{a: 1}');
SELECT message FROM workflow.validate_state_machine_definition('{"a": 1,}');
SELECT message FROM workflow.validate_state_machine_definition('{"a": [1,]}');
SELECT message FROM workflow.validate_state_machine_definition('{"a": [1 2]}');
SELECT message FROM workflow.validate_state_machine_definition('{"a": 1 "b": 2}');
SELECT message FROM workflow.validate_state_machine_definition('{"a": [1}');
SELECT message FROM workflow.validate_state_machine_definition('{"a": 01}');
SELECT message FROM workflow.validate_state_machine_definition('{"a": 1.}');
SELECT message FROM workflow.validate_state_machine_definition('{"a": -}');
SELECT message FROM workflow.validate_state_machine_definition('{"a": 1ex}');
SELECT message FROM workflow.validate_state_machine_definition('{"a": "\x"}');
SELECT message FROM workflow.validate_state_machine_definition('{"a": "\u00zz"}');
SELECT message FROM workflow.validate_state_machine_definition(E'{"a": "tab\there"}');
SELECT message FROM workflow.validate_state_machine_definition('{"a": ''b''}');
SELECT message FROM workflow.validate_state_machine_definition('{"a": "\u0000"}');
SELECT message FROM workflow.validate_state_machine_definition('{"StartAt": "S"} trailing');
SELECT length(location), right(location, 50)
  FROM workflow.validate_state_machine_definition('{"a": "' || repeat('x', 1000) || '" b}');

-- a key twice
SELECT * FROM workflow.validate_state_machine_definition(
    '{"StartAt": "A", "StartAt": "B", "States": {"A": {"Type": "Succeed", "Comment": "x", "Comment": "y"}}}');
SELECT * FROM workflow.validate_state_machine_definition(
    '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "A": {"Type": "Fail"}}}');

-- nested too deeply
SELECT * FROM workflow.validate_state_machine_definition(repeat('[', 600));
SELECT count(*) FROM workflow.validate_state_machine_definition(
    '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true, "Result": ' || repeat('[', 400) || repeat(']', 400) || '}}}');

-- what is wrong is found in the time that the text is long, however much is in it
SET statement_timeout = '20 s';
SELECT substring(message FROM 'line: .*') FROM workflow.validate_state_machine_definition('[' || repeat(E'{},\n', 200000) || '}');
RESET statement_timeout;

-- numbers of any length
SELECT count(*) FROM workflow.validate_state_machine_definition(
    '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true, "Result": ' || repeat('9', 500) || '.5e-3}}}');

-- the function's own arguments
SELECT * FROM workflow.validate_state_machine_definition('{}', 'BOGUS');
SELECT * FROM workflow.validate_state_machine_definition('{}', severity => 'INFO');
SELECT * FROM workflow.validate_state_machine_definition('{}', max_results => -1);
SELECT message FROM workflow.validate_state_machine_definition('{"X": 1}');
SELECT message FROM workflow.validate_state_machine_definition('{"X": 1}', max_results => 1);
