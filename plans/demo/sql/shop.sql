CREATE TABLE customers (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(60) NOT NULL, country CHAR(2) NOT NULL, KEY by_country (country)
);
CREATE TABLE products (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(60) NOT NULL, price_cents INT NOT NULL
);
CREATE TABLE orders (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL, placed_at DATE NOT NULL, total_cents INT NOT NULL,
  KEY by_day (placed_at), CONSTRAINT order_of FOREIGN KEY (customer_id) REFERENCES customers (id)
);
CREATE TABLE order_items (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, order_id INT NOT NULL, product_id INT NOT NULL, quantity INT NOT NULL,
  CONSTRAINT item_of FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
  CONSTRAINT item_is FOREIGN KEY (product_id) REFERENCES products (id)
);
CREATE TABLE digits (d INT NOT NULL PRIMARY KEY);
INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
CREATE TABLE numbers (n INT NOT NULL PRIMARY KEY);
INSERT INTO numbers
  SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d
  FROM digits a CROSS JOIN digits b CROSS JOIN digits c CROSS JOIN digits e CROSS JOIN digits f;
INSERT INTO numbers SELECT n + 100000 FROM numbers;
INSERT INTO customers
  SELECT n + 1, CONCAT('Customer ', n + 1), CASE WHEN n % 7 = 0 THEN 'CH' WHEN n % 5 = 0 THEN 'SE' ELSE 'DE' END
  FROM numbers WHERE n < 10000;
INSERT INTO products SELECT n + 1, CONCAT('Product ', n + 1), 100 + n * 37 % 9900 FROM numbers WHERE n < 500;
INSERT INTO orders
  SELECT n + 1, n * 7 % 10000 + 1, DATE_ADD('2020-01-01', INTERVAL n * 13 % 1800 DAY), 500 + n * 31 % 20000
  FROM numbers WHERE n < 120000;
INSERT INTO order_items SELECT n + 1, n % 120000 + 1, n * 11 % 500 + 1, 1 + n % 4 FROM numbers;
DROP TABLE numbers;
DROP TABLE digits;
