CREATE TABLE customers (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(60) NOT NULL, country CHAR(2) NOT NULL);
CREATE TABLE orders (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL, total_cents INT NOT NULL,
  CONSTRAINT order_of FOREIGN KEY (customer_id) REFERENCES customers (id)
);
INSERT INTO customers (name, country) VALUES ('Ada', 'GB'), ('Grace', 'US'), ('Emmy', 'DE'), ('Sophie', 'FR'), ('Maria', 'CH');
INSERT INTO orders (customer_id, total_cents)
  SELECT 1 + (a.id * 7 + b.id) % 5, 100 * a.id + b.id FROM customers a CROSS JOIN customers b;
INSERT INTO orders (customer_id, total_cents) SELECT customer_id, total_cents + 1 FROM orders;
INSERT INTO orders (customer_id, total_cents) SELECT customer_id, total_cents + 2 FROM orders;
