-- installation, and the objects that the extension owns (of 17 and later the tables' types, too)
CREATE EXTENSION workflow;
SELECT extversion FROM pg_extension WHERE extname = 'workflow';

SELECT pg_describe_object(classid, objid, 0) AS object
  FROM pg_depend
 WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e' AND classid <> 'pg_type'::regclass
   AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'workflow')
 ORDER BY pg_describe_object(classid, objid, 0) COLLATE "C";
