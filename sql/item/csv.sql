-- Items of CSV
\pset format unaligned
\pset tuples_only on

SELECT item.csv(E'a,b\n1,2\n3,4\n');
SELECT item.csv(E'a,b\n1,2\n3,4');
SELECT item.csv(E'a,b\r\n1,2\r\n3,4\r\n');
SELECT item.csv(E'1,2\n', '{a,b}');
SELECT item.csv('', '{a,b}'), item.csv('');
SELECT item.csv(E'a,b\n');
-- short and long rows, empty lines and blanks
SELECT item.csv(E'a,b\n1\n1,2,3\n\n   \n,\n');
SELECT item.csv(E'a,\n1,2\n');
SELECT item.csv(E' a , b \n 1 , 2 \n');
-- quotes
SELECT item.csv(E'a,b\n"x,y","line\none"\n"say ""hi""","\r\n"\n"",""""\n');
SELECT item.csv(E'a,b\nit''s "quoted" here,2\nsay ""hi"",{""k"":""v""}\n');
SELECT item.csv(E'a,b\n1,   "x,y"\n"1"2,"3"x\n');
SELECT item.csv(E'"a,1","b""2"\n1,2\n');
-- backslashes
SELECT item.csv(E'a,b\nC:\\\\Program Files\\\\MyApp.exe,x\\,y\n\\n,\\\\\n"\\"",x\\"y\n"a\\b",\\\n');
-- delimiters
SELECT item.csv(E'a|b\n1,0|2\\|3\n', delimiter => 'PIPE');
SELECT item.csv(E'a;b\n1,0;2\n', delimiter => 'SEMICOLON');
SELECT item.csv(E'a b\n1 2\n', delimiter => 'SPACE');
SELECT item.csv(E'a\tb\n1\t2\n', delimiter => 'TAB');
-- encodings
SELECT item.csv(U&'\FEFFa,b\000A\00E4,\D83D\DE00\000A');
SELECT item.read('\xfffe61002c0062000a003dd800de2c00e4000a00', '"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"');
SELECT item.read('\xfeff0061002c0062000ad83dde00002c00e4000ad83d', '"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"');
SELECT item.read('\x610a62ff', '"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"');
SELECT item.read('\x610a620063', '"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"');
-- what is broken
SELECT item.csv(E'a,a\n1,2\n');
SELECT item.csv(E'1,2\n', '{a,b,a}');
SELECT item.csv(E'a,b\n1,"no end of this\n2,3\n');
SELECT item.csv(E'a,b\n1,"\n');
SELECT item.csv(repeat('x', 10241) || E'\n1\n');
SELECT count(*) FROM item.csv(repeat('x', 10240) || E'\n1\n');
SELECT item.csv(E'a\n"' || repeat('x', 9000000));
-- many rows, across the pieces that are read at a time
SELECT count(*), sum((i::jsonb ->> 'n')::int), max(length(i::jsonb ->> 'text'))
  FROM item.csv(E'n,text\n' || (SELECT string_agg(format(E'%s,"%s\n"', n, repeat('äö', n % 100)), E'\n') FROM generate_series(1, 20000) n)) i;
