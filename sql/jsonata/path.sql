-- paths: steps, filters, sequences, order, grouping, variables of steps
\pset format unaligned
\pset tuples_only on
\pset null '(nothing)'
\set doc '{"id": "o-1", "total": 120.50, "n": null, "none": [], "one": [{"sku": "Z"}], "nested": [[1, 2], [3]], "customer": {"name": "Ana", "first name": "Ana María"}, "items": [{"sku": "A", "qty": 2, "price": 9, "tags": ["x", "y"]}, {"sku": "B", "qty": 0, "price": 30, "tags": []}, {"sku": "C", "qty": 5, "price": 9, "tags": ["x"]}]}'

-- names; numbers keep their digits
SELECT workflow.jsonata('id', :'doc');
SELECT workflow.jsonata('total', :'doc');
SELECT workflow.jsonata('customer.name', :'doc');
SELECT workflow.jsonata('customer.`first name`', :'doc');
SELECT workflow.jsonata('customer."first name"', :'doc');
SELECT workflow.jsonata('n', :'doc');
SELECT workflow.jsonata('no.such.path', :'doc');
SELECT workflow.jsonata('$', :'doc') IS NOT NULL;
SELECT workflow.jsonata('$$.customer.name', :'doc');

-- a sequence of one is its item, one of none is nothing; an array of the data stays
SELECT workflow.jsonata('items.sku', :'doc');
SELECT workflow.jsonata('items.tags', :'doc');
SELECT workflow.jsonata('items[sku = "B"].sku', :'doc');
SELECT workflow.jsonata('items[sku = "B"].sku[]', :'doc');
SELECT workflow.jsonata('items[sku = "X"].sku', :'doc');
SELECT workflow.jsonata('one', :'doc');
SELECT workflow.jsonata('one.sku', :'doc');
SELECT workflow.jsonata('one[].sku', :'doc');
SELECT workflow.jsonata('none', :'doc');
SELECT workflow.jsonata('nested', :'doc');
SELECT workflow.jsonata('nested.$', :'doc');
SELECT workflow.jsonata('$', '[1]');
SELECT workflow.jsonata('a', '[{"a": 1}, {"a": 2}]');

-- filters
SELECT workflow.jsonata('items[0].sku', :'doc');
SELECT workflow.jsonata('items[-1].sku', :'doc');
SELECT workflow.jsonata('items[1.9].sku', :'doc');
SELECT workflow.jsonata('items[9]', :'doc');
SELECT workflow.jsonata('items[[0, 2]].sku', :'doc');
SELECT workflow.jsonata('items[[-1, 0]].sku', :'doc');
SELECT workflow.jsonata('items[qty > 0][price = 9].sku', :'doc');
SELECT workflow.jsonata('items.tags[0]', :'doc');
SELECT workflow.jsonata('(items.tags)[0]', :'doc');
SELECT workflow.jsonata('items["x" in tags].sku', :'doc');
SELECT workflow.jsonata('nested[0][1]', :'doc');

-- wildcards
SELECT workflow.jsonata('customer.*', :'doc');
SELECT workflow.jsonata('*.name', :'doc');
SELECT workflow.jsonata('**.sku', :'doc');
SELECT workflow.jsonata('items[0].*', :'doc');

-- constructors in paths
SELECT workflow.jsonata('items.[sku, qty]', :'doc');
SELECT workflow.jsonata('items.{sku: qty}', :'doc');
SELECT workflow.jsonata('items{sku: qty}', :'doc');
SELECT workflow.jsonata('items{$string(price): sku}', :'doc');
SELECT workflow.jsonata('items{$string(price): {"n": $count($), "qty": $sum(qty)}}', :'doc');
SELECT workflow.jsonata('[1, 2].($ * 10)', :'doc');
SELECT workflow.jsonata('{"a": no, "b": n}', :'doc');

-- order; what is undefined comes last
SELECT workflow.jsonata('items^(price, >qty).sku', :'doc');
SELECT workflow.jsonata('items^(>sku)[0].sku', :'doc');
SELECT workflow.jsonata('$^(a).b', '[{"b": 1}, {"a": 2, "b": 2}, {"a": 1, "b": 3}]');
SELECT workflow.jsonata('$^(>a).b', '[{"b": 1}, {"a": 2, "b": 2}, {"a": 1, "b": 3}]');

-- variables of steps, and parents
SELECT workflow.jsonata('items#$i[qty > 0].{"at": $i, "sku": sku}', :'doc');
SELECT workflow.jsonata('items[qty > 0]#$i.{"at": $i, "sku": sku}', :'doc');
SELECT workflow.jsonata('items@$a.items@$b[$a.sku != $b.sku and $a.price = $b.price].($a.sku & $b.sku)', :'doc');
SELECT workflow.jsonata('items.tags.{"tag": $, "of": %.sku}', :'doc');
SELECT workflow.jsonata('items.tags.{"tag": $, "id": %.%.id}', :'doc');
SELECT workflow.jsonata('items.tags[% .qty > 2]', :'doc');
SELECT workflow.jsonata('items@$i.tags{$: $i.sku}', :'doc');
