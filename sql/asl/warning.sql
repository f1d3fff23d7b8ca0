-- warnings
\pset format unaligned
\pset tuples_only on

SELECT * FROM workflow.validate_state_machine_definition('{"StartAt": "A", "States": {
    "A": {"Type": "Pass", "Result": {"a": [{"b.$": "$.c"}]}, "Next": "B"},
    "B": {"Type": "Pass", "Parameters": {"a": "$.x", "b": "$$.Execution", "c": "States.UUID()", "d": "$5", "e": "States of the world"}, "Next": "C"},
    "C": {"Type": "Fail", "Error": "$.error", "Cause": "It cost $5"}}}', severity => 'WARNING');
