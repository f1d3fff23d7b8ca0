-- Checking definitions

CREATE FUNCTION validate_state_machine_definition(definition text,
                                                  type text DEFAULT 'STANDARD',
                                                  severity text DEFAULT 'ERROR',
                                                  max_results integer DEFAULT 0)
RETURNS TABLE (severity text, code text, message text, location text)
LANGUAGE c STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'wf_validate_state_machine_definition';
COMMENT ON FUNCTION validate_state_machine_definition(text, text, text, integer) IS
    'What is wrong with a definition: all errors, with severity WARNING also doubts; no row where all is well. max_results 0: all of them';
