-- SPDX-License-Identifier: GPL-2.0-only
-- Sorting, joins, recursion and text. Runs until it is killed.
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, value REAL);
CREATE INDEX by_name ON t (name);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000)
INSERT INTO t SELECT i, hex(i * 7919 % 1009), i * 1.5 FROM n;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
SELECT sum((SELECT count(*) || group_concat(name, ',')
	    FROM (SELECT a.name FROM t a JOIN t b ON a.name < b.name
		  WHERE a.id % 97 = n.i % 97 AND b.id % 89 = n.i % 89
		  ORDER BY b.value DESC, lower(a.name)))
	   + (SELECT avg(value) OVER (ORDER BY name) FROM t LIMIT 1)
	   + (SELECT count(DISTINCT substr(name, 2)) FROM t
	      WHERE name LIKE '%3' OR name GLOB '[A-C]*'))
FROM n;
