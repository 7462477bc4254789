ALTER TABLE orders ADD COLUMN currency CHAR(3);
UPDATE orders SET currency = 'EUR';
