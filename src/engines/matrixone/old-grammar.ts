import { quoteName } from '../wire/quote.ts';
import { tenant } from './tenant.ts';
import type { RestoreGrammar } from './restore-grammar.ts';

const from = (snapshot: string): string => `FROM SNAPSHOT ${quoteName(snapshot)}`;

/** MatrixOne 2 and 3: the account is always named. */
export const oldGrammar: RestoreGrammar = {
  kind: 'old',
  table: ({ database, table }, snapshot, account) =>
    `RESTORE ACCOUNT ${quoteName(account)} DATABASE ${quoteName(database)} TABLE ${quoteName(table)} ${from(snapshot)}`,
  database: (database, snapshot, account) =>
    `RESTORE ACCOUNT ${quoteName(account)} DATABASE ${quoteName(database)} ${from(snapshot)}`,
  account: (account, snapshot) => `RESTORE ACCOUNT ${quoteName(account)} ${from(snapshot)}`,
  accountInto: ({ source, snapshot, into }) =>
    `RESTORE ACCOUNT ${quoteName(tenant(source))} ${from(snapshot)} TO ACCOUNT ${quoteName(tenant(into))}`,
  cluster: (snapshot) => `RESTORE CLUSTER ${from(snapshot)}`,
};
