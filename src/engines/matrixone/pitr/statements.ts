// The statements of point-in-time recovery, which both grammars share.

import type { PitrRange, PitrScope } from '../../pitr-port.ts';
import { quoteName } from '../../wire/quote.ts';
import { literal } from '../literal.ts';

export function createPitrSql(name: string, scope: PitrScope, range: PitrRange): string {
  return `CREATE PITR ${quoteName(name)} FOR ${objectOf(scope)} ${rangeOf(range)}`;
}

export function alterPitrSql(name: string, range: PitrRange): string {
  return `ALTER PITR ${quoteName(name)} ${rangeOf(range)}`;
}

export function dropPitrSql(name: string): string {
  return `DROP PITR IF EXISTS ${quoteName(name)}`;
}

/** `time` as the server's own clock shows it. An account without a name is the login's: `sys` cannot be named here. */
export function restorePitrSql(name: string, scope: PitrScope, time: string): string {
  return `RESTORE ${targetOf(scope)}FROM PITR ${quoteName(name)} ${literal(time)}`;
}

function objectOf(scope: PitrScope): string {
  switch (scope.kind) {
    case 'cluster':
      return 'CLUSTER';
    case 'account':
      return scope.account === undefined ? 'ACCOUNT' : `ACCOUNT ${quoteName(scope.account)}`;
    case 'database':
      return `DATABASE ${quoteName(scope.database)}`;
    case 'table':
      return `TABLE ${quoteName(scope.table.database)} ${quoteName(scope.table.table)}`;
  }
}

function targetOf(scope: PitrScope): string {
  switch (scope.kind) {
    case 'cluster':
      return 'CLUSTER ';
    case 'account':
      return scope.account === undefined ? '' : `ACCOUNT ${quoteName(scope.account)} `;
    case 'database':
      return `DATABASE ${quoteName(scope.database)} `;
    case 'table':
      return `DATABASE ${quoteName(scope.table.database)} TABLE ${quoteName(scope.table.table)} `;
  }
}

function rangeOf({ length, unit }: PitrRange): string {
  return `RANGE ${length} ${literal(unit)}`;
}
