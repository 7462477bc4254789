import { invariant } from '../../kernel/index.ts';

/** The account that owns the cluster. */
export const SYSTEM_ACCOUNT = 'sys';

/** The name of an account other than `sys`: for statements that must never name that one. */
export function tenant(account: string): string {
  invariant(!isSystemAccount(account), 'an account other than sys');
  return account;
}

/** The server folds names of accounts. */
export function isSystemAccount(account: string): boolean {
  return account.toLowerCase() === SYSTEM_ACCOUNT;
}

export function isSameAccount(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** `acc1:admin` and `acc1#admin#role` are user `admin` of account `acc1`; a name alone is one of `sys`. */
export function loginParts(login: string): { readonly account: string; readonly user: string } {
  const [first = '', second] = login.split(/[:#]/);
  return second === undefined ? { account: SYSTEM_ACCOUNT, user: first } : { account: first, user: second };
}
