/** A value that must not be printed. `reveal` is called only where it is handed to a server or a program. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '***';
  }
}

/**
 * Replaces every occurrence of the given secrets with `***`: as they are, as a URL, JSON or SQL writes them, and of
 * several lines each line. The longest goes first: one that begins another would leave the rest of it to be read.
 */
export function redact(text: string, secrets: Iterable<string>): string {
  return formsOf(secrets).reduce((clean, form) => clean.replaceAll(form, '***'), text);
}

/** All that is replaced, the longest first. */
export function formsOf(secrets: Iterable<string>): readonly string[] {
  const forms = new Set([...secrets].flatMap(linesOf).flatMap(writtenForms));
  return [...forms].sort((one, other) => other.length - one.length);
}

const SECRET_CHARACTERS_MIN = 3; // a shorter one would blot out ordinary words
const LINE_CHARACTERS_MIN = 8; // the last line of a key may be short, and says little

function linesOf(secret: string): readonly string[] {
  const lines = secret.includes('\n')
    ? secret.split(/\r?\n/).filter(({ length }) => length >= LINE_CHARACTERS_MIN)
    : [];
  return [...(secret.length < SECRET_CHARACTERS_MIN ? [] : [secret]), ...lines];
}

function writtenForms(secret: string): readonly string[] {
  const inUrl = encodeURIComponent(Buffer.from(secret).toString()); // half a surrogate pair has no such form
  const strictly = inUrl.replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
  const inSql = secret.replaceAll("'", "''");
  return [secret, inUrl, strictly, JSON.stringify(secret).slice(1, -1), inSql, inSql.replaceAll('\\', '\\\\')];
}

const SECRET_NAME = /PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|API_?KEY|PRIVATE_?KEY|_PASS$|_PWD$/i;
const URL_WITH_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^/@\s]*:[^/@\s]+@/i;

/** Whether a variable is called like one that holds a secret. */
export function namesSecret(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Whether a variable of the environment is called a secret, or holds a URL with a password. */
export function isSecretVariable(name: string, value: string): boolean {
  return namesSecret(name) || URL_WITH_PASSWORD.test(value);
}
