-- filters
\pset format unaligned
\pset tuples_only on
\set items '[{"sku": "A", "qty": 2, "price": 10.0, "tags": ["x"]}, {"sku": "B", "qty": 0, "price": 5.5, "tags": []}, {"sku": "C", "gift": true}, {"sku": "D", "qty": "7", "price": 100, "tags": null}]'

-- being there: null is not
SELECT workflow.json_path('$[?(@.qty)].sku', :'items');
SELECT workflow.json_path('$[?(!@.qty)].sku', :'items');
SELECT workflow.json_path('$[?(@.tags)].sku', :'items');
SELECT workflow.json_path('$[?(@.tags[0])].sku', :'items');

-- comparing
SELECT workflow.json_path('$[?(@.qty == 2)].sku', :'items');
SELECT workflow.json_path('$[?(@.qty == 2.0)].sku', :'items');
SELECT workflow.json_path('$[?(@.qty != 2)].sku', :'items');
SELECT workflow.json_path('$[?(@.price > 5.5)].sku', :'items');
SELECT workflow.json_path('$[?(@.price >= 5.5)].sku', :'items');
SELECT workflow.json_path('$[?(@.price < 10)].sku', :'items');
SELECT workflow.json_path('$[?(@.price<=1e1)].sku', :'items');
SELECT workflow.json_path('$[?(@.sku < ''C'')].sku', :'items');
SELECT workflow.json_path('$[?(@.sku == "A")].sku', :'items');
SELECT workflow.json_path('$[?(@[''sku''] == ''A'')].sku', :'items');
SELECT workflow.json_path('$[?(@.gift == true)].sku', :'items');
SELECT workflow.json_path('$[?(@.tags == null)].sku', :'items');
SELECT workflow.json_path('$[?(@.tags != null)].sku', :'items');
SELECT workflow.json_path('$[?(@.tags == ["x"])].sku', :'items');
SELECT workflow.json_path('$[?(1 == 1)].sku', :'items');
SELECT workflow.json_path('$[?(@ > 1)]', '[1, 2, "3", null, {"a": 1}]');

-- a number equals a text that holds it
SELECT workflow.json_path('$[?(@.qty == 7)].sku', :'items');
SELECT workflow.json_path('$[?(@.price == ''5.5'')].sku', :'items');
SELECT workflow.json_path('$[?(@ == 10)]', '["010", "10", 10, "10.0"]');

-- names in filters end where operators begin
SELECT workflow.json_path('$[?(@.a+b==3)]', '[{"a+b": 3}, {"a": 3}]');
SELECT workflow.json_path('$[?(@.length() == 4)]', '[{"length()": 4}, [1, 2, 3, 4]]');

-- and, or, not
SELECT workflow.json_path('$[?(@.qty > 1 && @.price > 50)].sku', :'items');
SELECT workflow.json_path('$[?(@.qty == 2 || @.gift)].sku', :'items');
SELECT workflow.json_path('$[?(@.qty && (@.price > 50 || @.price < 6))].sku', :'items');
SELECT workflow.json_path('$[?(@.gift || @.qty && @.price < 6)].sku', :'items');
SELECT workflow.json_path('$[?(!(@.qty == 2))].sku', :'items');

-- patterns match the whole text
SELECT workflow.json_path('$[?(@ =~ /hello.*/)]', '["hello world", "oh hello", "HELLO", 1]');
SELECT workflow.json_path('$[?(@ =~ /hello/i)]', '["hello world", "HELLO"]');
SELECT workflow.json_path('$[?(@ =~ /a|b/)]', '["a", "b", "ab"]');
SELECT workflow.json_path('$[?(@ =~ /a\/b/)]', '["a/b", "ab"]');

-- "$" is the whole document
SELECT workflow.json_path('$.l[?(@.v == $.w)]', '{"w": 2, "l": [{"v": 1}, {"v": 2}]}');

-- of an object, the object itself is tested
SELECT workflow.json_path('$[?(@.v == 2)]', '{"v": 2}');
SELECT workflow.json_path('$[?(@.v == 2)]', '{"a": {"v": 2}}');
SELECT workflow.json_path('$..[?(@.v == 2)]', '{"v": 2, "l": [{"v": 2}, [{"v": 2}], {"v": 1}]}');

-- order of strings: UTF-16 units
SELECT workflow.json_path('$[?(@ < ''￿'')]', '["a", "😀"]');
