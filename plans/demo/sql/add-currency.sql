CREATE TABLE currencies (code CHAR(3) NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL);
INSERT INTO currencies VALUES ('EUR', 'Euro'), ('CHF', 'Swiss franc'), ('SEK', 'Swedish krona');
ALTER TABLE orders ADD COLUMN currency CHAR(3);
UPDATE orders JOIN customers ON customers.id = orders.customer_id
   SET orders.currency = CASE customers.country WHEN 'CH' THEN 'CHF' WHEN 'SE' THEN 'SEK' ELSE 'EUR' END;
