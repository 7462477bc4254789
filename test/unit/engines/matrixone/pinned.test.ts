// Forty behaviours of MatrixOne on which snapback counts, or from which it protects, and the test that would fail if
// one
// of them changed. Most run on a real server and from recordings of 4.2.0 and 3.0.18.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const TESTS = join(import.meta.dirname, '../../../');
const FILES = {
  statements: 'conformance/matrixone-facts-statements.test.ts',
  restore: 'conformance/matrixone-facts-restore.test.ts',
  accounts: 'conformance/matrixone-facts-accounts.test.ts',
  behaviours: 'conformance/matrixone-behaviours.test.ts',
  restores: 'conformance/matrixone-restores.test.ts',
  kills: 'faults/matrixone-kills.test.ts',
} as const;

const PINNED: Readonly<Record<number, readonly [keyof typeof FILES, string]>> = {
  1: ['statements', 'a restore from a snapshot that is not there tells which grammar the server speaks'],
  2: ['restore', 'RESTORE TABLE brings 50 deleted rows of 100 back, under another number'],
  3: ['restore', 'RESTORE DATABASE removes a later table, and the database has another number'],
  4: ['accounts', 'RESTORE ACCOUNT takes later users and databases away, and the old password opens it'],
  5: ['restores', 'a snapshot of sys itself is never sent to another account, whatever the grammar'],
  6: ['accounts', 'RESTORE ACCOUNT .. TO ACCOUNT brings the users of the source, and the new administrator is gone'],
  7: ['accounts', 'CLONE into another account carries tables and rows, and no sequence'],
  8: ['accounts', 'CLONE drops a view on a database that is not there yet, without a word'],
  9: ['restore', 'RESTORE TABLE of a parent answers OK and restores nothing'],
  10: ['restore', 'RESTORE TABLE of a child whose parent is gone fails'],
  11: ['restore', 'RESTORE DATABASE answers OK and restores nothing while a key of another database points into it'],
  12: ['restore', 'RESTORE DATABASE with a key of a table on itself is done by version 4, not by version 3'],
  13: ['restore', 'RESTORE DATABASE loses a sequence without a word'],
  14: ['restore', 'an external table is lost by RESTORE DATABASE, refused by RESTORE TABLE and by CLONE'],
  15: ['restore', 'RESTORE DATABASE deletes a publication of it without a word'],
  16: ['restore', 'one view that cannot be resolved makes RESTORE DATABASE fail and change nothing'],
  17: ['restore', 'a right on a table does not survive its restore for a new login'],
  18: ['statements', 'snapshots are not taken inside of a transaction, and the transaction lives on'],
  19: ['statements', 'ROLLBACK takes CREATE TABLE and ALTER TABLE back'],
  20: ['kills', 'a client killed with a RESTORE under way is resumed to the truth, and nothing happens afterwards'],
  21: ['behaviours', 'a restore that waits for a writer is cancelled and changes nothing'],
  22: ['restore', 'RESTORE TABLE waits for an open writer and then discards what it committed'],
  23: ['restore', 'KILL QUERY of a RESTORE ends it at once, and nothing has changed'],
  24: ['statements', 'two statements in one text are both run, though the driver was told not to: one at a time'],
  25: ['statements', 'the time of a snapshot has nineteen digits, and all of them arrive'],
  26: ['accounts', 'a snapshot of a database whose name another account has too is of our own database'],
  27: ['statements', 'a table of another database is restored from a snapshot that does not cover it'],
  28: ['statements', 'IF NOT EXISTS keeps the old snapshot of that name, whatever was asked for'],
  29: ['accounts', 'version 4 lets a tenant take 50 snapshots of its account, version 3 as many as it likes'],
  30: ['statements', 'a name of 65 characters is cut to 64 by version 4 and refused by version 3'],
  31: ['statements', 'the name of a snapshot is folded when it is taken, and not when it is read'],
  32: ['behaviours', 'one changed byte in any type changes the fingerprint, and a snapshot keeps the old one'],
  33: ['statements', 'hex cuts a decimal, and hash_value does not tell zero bytes apart: no fingerprint of either'],
  34: ['restore', 'the next number of AUTO_INCREMENT jumps behind a restore and is never given twice'],
  35: ['statements', 'version 4 keeps a hidden snapshot for each ALTER TABLE that copies while a snapshot is held'],
  36: ['accounts', 'an account that was dropped comes back from a snapshot of sys, under another number'],
  37: ['statements', "the time of a PITR restore is the server's own, whatever the session's zone is"],
  38: [
    'kills',
    'a server killed with a RESTORE under way comes back with all or nothing of it, and the run is resumed',
  ],
  39: ['statements', 'a view is not replaced without a current database, though its name says where it is'],
  40: ['statements', 'a connection takes no change of user and no reset: every session gets one of its own'],
};

test('each of the forty behaviours has its test', () => {
  const numbers = Array.from({ length: 40 }, (_, at) => at + 1);
  const missing = numbers.filter((number) => {
    const [file, title] = PINNED[number] ?? ['statements', `no test of ${number}`];
    const text = readFileSync(join(TESTS, FILES[file]), 'utf8');
    return !text.includes(`'${title}'`) && !text.includes(`"${title}"`);
  });
  expect(missing).toEqual([]);
});
