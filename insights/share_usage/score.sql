SELECT
    client,
    table_name,
    CASE
        WHEN table_name = 'insight_receipts' THEN 'receipts'
        WHEN table_name LIKE '%\_latest' ESCAPE '\' THEN 'latest'
        WHEN table_name LIKE '%\_runs' ESCAPE '\' THEN 'runs'
        ELSE 'history'
    END AS table_kind,
    read_on,
    queries,
    scanned_bytes,
    dollars,
    paid_by,
    last_use_utc
FROM share_reads
