// Two texts as a person compares them: what went with `-`, what came with `+`, and a little of what stayed.

const CONTEXT = 1;
const LINES_MAX = 40;
const LINE_MAX = 200;
/** A table of this many cells is made; longer texts are compared as sets of lines. */
const CELLS_MAX = 250_000;
const LONG_LINE = 80;

/**
 * Lines that begin with `- `, `+ ` or two spaces; `  ..` stands for lines that are left out. Long lines of SQL are
 * broken where a clause begins. At most 41 lines; empty where the texts are equal.
 */
export function diffText(before: string, now: string): readonly string[] {
  if (before === now) return [];
  const broken = changes(before.split('\n').flatMap(breakLine), now.split('\n').flatMap(breakLine));
  const isSeen = broken.some((line) => !line.startsWith(' '));
  return bounded(shortened(isSeen ? broken : changes(before.split('\n'), now.split('\n'))));
}

function changes(before: readonly string[], now: readonly string[]): readonly string[] {
  if (before.length * now.length > CELLS_MAX) {
    const [old, later] = [new Set(before), new Set(now)];
    return [
      ...before.filter((line) => !later.has(line)).map((line) => `- ${line}`),
      ...now.filter((line) => !old.has(line)).map((line) => `+ ${line}`),
    ];
  }
  const common = commonLengths(before, now);
  const lines: string[] = [];
  let [at, to] = [0, 0];
  while (at < before.length || to < now.length) {
    const [old, later] = [before[at], now[to]];
    if (old !== undefined && old === later) {
      lines.push(`  ${old}`);
      at += 1;
      to += 1;
    } else if (later === undefined || (old !== undefined && longer(common, at + 1, to) >= longer(common, at, to + 1))) {
      lines.push(`- ${old ?? ''}`);
      at += 1;
    } else {
      lines.push(`+ ${later}`);
      to += 1;
    }
  }
  return lines;
}

type Lengths = readonly (readonly number[])[];

function longer(common: Lengths, at: number, to: number): number {
  return common[at]?.[to] ?? 0;
}

/** How many lines the two texts have in common from each pair of places on. */
function commonLengths(before: readonly string[], now: readonly string[]): Lengths {
  const lengths: number[][] = Array.from({ length: before.length + 1 }, () => []);
  for (let at = before.length - 1; at >= 0; at -= 1) {
    for (let to = now.length - 1; to >= 0; to -= 1) {
      const row = lengths[at];
      if (row === undefined) continue;
      row[to] =
        before[at] === now[to]
          ? longer(lengths, at + 1, to + 1) + 1
          : Math.max(longer(lengths, at + 1, to), longer(lengths, at, to + 1));
    }
  }
  return lengths;
}

/** Without what stayed, except beside what did not. */
function shortened(lines: readonly string[]): readonly string[] {
  const isNear = (index: number): boolean =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some((line) => !line.startsWith(' '));
  const shown: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (isNear(index)) shown.push(line.length > LINE_MAX ? `${line.slice(0, LINE_MAX)}..` : line);
    else if (shown.at(-1) !== '  ..') shown.push('  ..');
  }
  return shown;
}

function bounded(lines: readonly string[]): readonly string[] {
  return lines.length <= LINES_MAX
    ? lines
    : [...lines.slice(0, LINES_MAX), `  .. and ${lines.length - LINES_MAX} more`];
}

const CLAUSES = [
  ...['from', 'where', '(?:left |right |inner |cross )?join', 'group by', 'order by', 'having', 'limit', 'union'],
  ...['begin', 'end', 'as select', 'for each'],
];
const CLAUSE = new RegExp(`^(?:${CLAUSES.join('|')})\\b`, 'i');

/** One line of SQL as the lines that a person would write. Quoted text is never broken. */
function breakLine(line: string): readonly string[] {
  if (line.length <= LONG_LINE) return [line];
  const parts: string[] = [];
  let part = '';
  let offset = 0;
  for (const token of line.match(/`(?:[^`]|``)*`|'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|\s+|\w+|[^]/g) ?? []) {
    const isNext = /\s$/.test(part) && CLAUSE.test(line.slice(offset, offset + 20));
    if (isNext || /[,;]$/.test(part)) {
      parts.push(part);
      part = '';
    }
    part += token;
    offset += token.length;
  }
  return [...parts, part].map((each) => each.trim()).filter((each) => each !== '');
}
