// A program that a plan runs: three inserts, each committed by itself, so that running it twice shows.
import { createConnection } from 'mysql2/promise';

const connection = await createConnection({ uri: process.env.DATABASE_URL });
for (const line of ['first', 'second', 'third']) {
  await connection.query('INSERT INTO journal_of_program (line) VALUES (?)', [line]);
}
// A goodbye that the server answers late (MatrixOne does) is not waited for.
connection.destroy();
