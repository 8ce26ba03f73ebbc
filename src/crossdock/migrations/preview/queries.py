"""The queries of a plan to the catalogue of the database: all of one schema, by the names that people use."""

SIZES = """
SELECT c.relname AS name, whole.rows, whole.bytes FROM pg_class c CROSS JOIN LATERAL (
    SELECT sum(nullif(leaf.reltuples, -1))::bigint AS rows, sum(pg_total_relation_size(leaf.oid))::bigint AS bytes
    FROM pg_class leaf
    WHERE CASE c.relkind WHEN 'p' THEN leaf.oid IN (SELECT relid FROM pg_partition_tree(c.oid) WHERE isleaf)
        ELSE leaf.oid = c.oid END) AS whole
WHERE c.relnamespace = to_regnamespace(current_schema) AND c.relkind IN ('r', 'p', 'm', 'v', 'S', 'f')
"""
INDEXES = """
SELECT i.relname AS name, t.relname AS on_table, array(
    SELECT a.attname::text FROM pg_depend d
    JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid AND a.attnum > 0
    WHERE d.classid = 'pg_class'::regclass AND d.objid = i.oid AND d.refobjid = t.oid
    UNION SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = ANY(x.indkey)) AS columns,
    x.indexprs IS NULL AND x.indpred IS NULL AS is_plain
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
WHERE i.relnamespace = to_regnamespace(current_schema)
"""
KEYS = """
SELECT k.conname AS name, t.relname AS table, r.relname AS target, i.relname AS index,
    k.confdeltype::text AS on_delete, k.confupdtype::text AS on_update,
    array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey))
        AS columns,
    array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = ANY(k.confkey))
        AS target_columns
FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid
JOIN pg_class i ON i.oid = k.conindid
WHERE k.contype = 'f' AND k.connamespace = to_regnamespace(current_schema)
"""
TABLES = """
SELECT format('CREATE %s TABLE %I (%s)', CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED' END, c.relname, string_agg(
    format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod))
    || CASE a.attgenerated WHEN 's' THEN ' GENERATED ALWAYS AS (NULL) STORED'
        WHEN 'v' THEN ' GENERATED ALWAYS AS (NULL) VIRTUAL' ELSE '' END
    || CASE WHEN a.attnotnull AND NOT EXISTS (
        SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND a.attnum = ANY(k.conkey) AND NOT k.convalidated)
        THEN ' NOT NULL' ELSE '' END, ', ' ORDER BY a.attnum))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = to_regnamespace(current_schema) AND c.relkind IN ('r', 'p', 'm') GROUP BY c.oid
"""
CHECKS = """
SELECT format('ALTER TABLE %I ADD CONSTRAINT %I %s', c.relname, k.conname, pg_get_constraintdef(k.oid))
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE k.contype = 'c' AND k.connamespace = to_regnamespace(current_schema)
"""
FUNCTIONS = """
SELECT proname AS name, CASE max(provolatile) WHEN 'v' THEN 'volatile' ELSE 'stable' END AS volatility,
    bool_or(pronamespace = to_regnamespace(current_schema)) AS is_ours
FROM pg_proc WHERE pronamespace <> ALL (ARRAY['pg_catalog', 'information_schema']::regnamespace[]) GROUP BY proname
"""
DOMAINS = """
SELECT format('CREATE DOMAIN %I AS %s%s', t.typname, format_type(t.typbasetype, t.typtypmod),
    CASE WHEN t.typnotnull OR EXISTS (SELECT FROM pg_constraint k WHERE k.contypid = t.oid) THEN ' CHECK (true)' END)
FROM pg_type t WHERE t.typtype = 'd' AND t.typnamespace = to_regnamespace(current_schema)
"""
FAMILY = """
SELECT p.relname AS parent, c.relname AS child, pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT' AS is_default
FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid
WHERE p.relnamespace = to_regnamespace(current_schema) AND p.relkind IN ('r', 'p')
"""
PARTITIONED = """
SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(current_schema) AND relkind = 'p'
"""
SEQUENCES = """
SELECT t.relname, a.attname, s.relname FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
JOIN pg_class t ON t.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    AND t.relnamespace = to_regnamespace(current_schema)
"""
STATISTICS = """
SELECT stxname AS name, c.relname AS on_table FROM pg_statistic_ext s JOIN pg_class c ON c.oid = s.stxrelid
WHERE s.stxnamespace = to_regnamespace(current_schema)
"""
READ_BY_VIEWS = """
SELECT DISTINCT v.relname AS view, v.relkind = 'm' AS is_materialised, t.relname AS reads
FROM pg_rewrite r JOIN pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
JOIN pg_class t ON t.oid = d.refobjid AND t.oid <> v.oid
WHERE v.relnamespace = to_regnamespace(current_schema)
"""
