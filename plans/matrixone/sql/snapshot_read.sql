CREATE DATABASE snapshot_read;
CREATE TABLE snapshot_read.test_snapshot_read (a INT);
INSERT INTO snapshot_read.test_snapshot_read SELECT * FROM generate_series(1, 100) g;
CREATE TABLE snapshot_read.students (id INT PRIMARY KEY);
INSERT INTO snapshot_read.students SELECT * FROM generate_series(1, 200) g;
