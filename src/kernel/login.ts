import { err, ok, type Result } from './result.ts';

/** A login of a server as people write it. */
export interface LoginName {
  readonly user: string;
  /** The host pattern, where one was written. */
  readonly host: string | undefined;
}

const PART = String.raw`('(?:[^']|'')+'|"(?:[^"]|"")+"|\`(?:[^\`]|\`\`)+\`|[^'"\`@\s]+)`;
const LOGIN = new RegExp(`^${PART}(?:@${PART})?$`);

/** Reads `app`, `app@'%'`, `'my app'@10.0.0.%`; the problem is a sentence for people. */
export function parseLogin(text: string): Result<LoginName, string> {
  const [, user, host] = LOGIN.exec(text.trim()) ?? [];
  if (user === undefined) return err(`\`${text}\` is no login`);
  return ok({ user: unquoted(user), host: host === undefined ? undefined : unquoted(host) });
}

/** `app@'%'`, or `app` where no host was written. */
export function loginLabel({ user, host }: LoginName): string {
  return host === undefined ? user : `${user}@'${host}'`;
}

function unquoted(part: string): string {
  const quote = part[0] ?? '';
  return `'"\``.includes(quote) ? part.slice(1, -1).replaceAll(quote + quote, quote) : part;
}
