CREATE TABLE orders_archive LIKE orders;
INSERT INTO orders_archive SELECT * FROM orders WHERE placed_at < '2021-01-01';
DELETE FROM orders WHERE placed_at <= '2021-01-01';
