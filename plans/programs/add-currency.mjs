// A migration program of a few lines: it reads DATABASE_URL as real ones do.
import mysql from 'mysql2/promise';

const connection = await mysql.createConnection(process.env.DATABASE_URL);
await connection.query('ALTER TABLE orders ADD COLUMN currency CHAR(3)');
const [{ affectedRows }] = await connection.execute('UPDATE orders SET currency = ?', [process.argv[2]]);
connection.destroy(); // MatrixOne does not hang up when it is asked to, and an open socket keeps Node waiting.
console.log(`${affectedRows} orders have a currency now`);
