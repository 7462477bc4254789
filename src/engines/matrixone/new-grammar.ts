import { quoteName, quoteTable } from '../wire/quote.ts';
import { literal } from './literal.ts';
import { tenant } from './tenant.ts';
import type { RestoreGrammar } from './restore-grammar.ts';

const at = (snapshot: string): string => `{SNAPSHOT = ${literal(snapshot)}}`;

/** MatrixOne 4: the snapshot stands in braces. */
export const newGrammar: RestoreGrammar = {
  kind: 'new',
  table: (table, snapshot) => `RESTORE TABLE ${quoteTable(table)} ${at(snapshot)}`,
  database: (database, snapshot) => `RESTORE DATABASE ${quoteName(database)} ${at(snapshot)}`,
  account: (account, snapshot) => `RESTORE ACCOUNT ${quoteName(account)} ${at(snapshot)}`,
  accountInto: ({ source, snapshot, into }) =>
    `RESTORE ACCOUNT ${quoteName(tenant(source))} ${at(snapshot)} TO ACCOUNT ${quoteName(tenant(into))}`,
  cluster: (snapshot) => `RESTORE CLUSTER ${at(snapshot)}`,
};
