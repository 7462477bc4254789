/** A stretch of a source text. Offsets count UTF-16 units from 0; `end` is exclusive. */
export interface SourceSpan {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/** One thing that is wrong, or doubtful, in a plan's text. */
export interface Diagnostic {
  /** Names the defect: `UNKNOWN_KEY`, `DUPLICATE_STEP`. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** What is wrong, with the guilty names in back-quotes. */
  readonly message: string;
  readonly at: SourceSpan;
  /** What to write instead. */
  readonly help?: string;
}

/** 1-based line and column of an offset, the column counted in UTF-16 units. */
export function positionOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, Math.min(offset, text.length));
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}

/** The widest piece of a guilty line that is shown, in characters. */
const FRAME_WIDTH_MAX = 100;

/** The text a person sees: place, code, message, the guilty line with the guilty word underlined, and the help. */
export function renderDiagnostic(text: string, { code, severity, message, at, help }: Diagnostic): string {
  const { line, column } = positionOf(text, at.start);
  const source = (text.split('\n')[line - 1] ?? '').replaceAll('\r', '').replaceAll('\t', ' ');
  const from = column - 1 > FRAME_WIDTH_MAX - 20 ? column - 21 : 0;
  const shown = printable(source.slice(from, from + FRAME_WIDTH_MAX));
  const indent = column - 1 - from;
  const length = Math.max(1, Math.min(at.end - at.start, shown.length - indent));
  const margin = ' '.repeat(String(line).length);
  return [
    `${at.path}:${line}:${column} ${severity === 'warning' ? 'warning ' : ''}${code} ${message}`,
    `${line} | ${shown}`,
    `${margin} | ${' '.repeat(indent)}${'^'.repeat(length)}`,
    ...(help === undefined ? [] : [`${margin} = ${help}`]),
  ].join('\n');
}

function printable(text: string): string {
  // Control characters in a plan must not reach a terminal.
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\u00b7');
}
