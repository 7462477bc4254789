// MariaDB prints the default of a binary column as the bytes themselves, so that a definition may be no text at all.

/** The definition as text: literals that are none stand as `X'..'`, which means the same. */
export function definitionText(cell: string): string {
  if (!/^0x(?:[0-9a-f]{2})+$/.test(cell)) return cell;
  const bytes = Buffer.from(cell.slice(2), 'hex').toString('latin1');
  const literals = bytes.replace(/`(?:[^`]|``)*`|'(?:[^'\\]|\\.|'')*'/gs, (quoted) => {
    if (quoted.startsWith('`') || isText(quoted)) return quoted;
    return `X'${Buffer.from(unescaped(quoted.slice(1, -1)), 'latin1').toString('hex')}'`;
  });
  return Buffer.from(literals, 'latin1').toString('utf8');
}

/** One character for each byte, back to what the bytes are. */
function isText(latin1: string): boolean {
  const bytes = Buffer.from(latin1, 'latin1');
  return Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes);
}

const ESCAPED: Readonly<Record<string, string>> = { '0': '\0', n: '\n', r: '\r', t: '\t', b: '\b', Z: '\x1a' };

function unescaped(literal: string): string {
  return literal.replace(/\\(.)|''/gs, (_whole, after: string | undefined) =>
    after === undefined ? "'" : (ESCAPED[after] ?? after),
  );
}
