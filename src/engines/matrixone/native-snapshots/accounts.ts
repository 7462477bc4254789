// Whose data a snapshot shows. `sys` may take and restore snapshots of other accounts; what such an account holds now
// it sees through one more snapshot only.

import { Fault } from '../../../kernel/index.ts';
import type { Scope, Session } from '../../port.ts';
import { literal } from '../literal.ts';
import type { Owner } from '../objects.ts';
import { one } from '../session.ts';
import { isSameAccount, isSystemAccount, SYSTEM_ACCOUNT } from '../tenant.ts';
import type { MatrixoneServer } from './server.ts';
import type { KnownSnapshot } from './snapshot-rows.ts';

/** The account that a scope names, where it is not the one that logs in. */
export function otherAccount({ account }: Pick<MatrixoneServer, 'account'>, scope: Scope): string | undefined {
  return scope.kind === 'account' && !isSameAccount(scope.account, account) ? scope.account : undefined;
}

/** Whose objects a reading at this snapshot shows. */
export function ownerOf(server: Pick<MatrixoneServer, 'account'>, { info, accountId }: KnownSnapshot): Owner {
  return otherAccount(server, info.scope) === undefined ? undefined : accountId;
}

/** The number of an account; undefined where there is none of that name. Asked by `sys` only. */
export function accountNumber(session: Session, account: string, signal: AbortSignal): Promise<string | undefined> {
  const name = literal(account.toLowerCase());
  const sql = `SELECT CAST(account_id AS CHAR) FROM mo_catalog.mo_account WHERE account_name = ${name}`;
  return one(session, sql, signal);
}

/**
 * Who may do what with a whole account or the cluster.
 *
 * @throws {Fault} SNAPSHOT_REFUSED naming the login that may.
 */
export function assertMayCover({ account }: Pick<MatrixoneServer, 'account'>, scope: Scope): void {
  if (isSystemAccount(account)) return;
  const hint = `Log in as a user of account ${SYSTEM_ACCOUNT}: \`root\` or \`sys:root\`.`;
  if (scope.kind === 'cluster') {
    throw new Fault(
      'SNAPSHOT_REFUSED',
      `only account sys has snapshots of the cluster, and this login is ${account}'s`,
      {
        hint,
      },
    );
  }
  const other = otherAccount({ account }, scope);
  if (other === undefined) return;
  throw new Fault('SNAPSHOT_REFUSED', `this login belongs to account ${account}, not to ${other}`, {
    hint: `Log in to it, as \`${other}:USER\` or \`${other}#USER\`. ${hint}`,
  });
}
