// References inside a plan's texts: `${env:NAME}`, `${env:NAME:-default}`, `${var:NAME}`, `${file:PATH}`, `${run:id}`,
// `${step:ID.snapshot}`. `$${` stands for `${`.

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'env';
      readonly text: string;
      readonly name: string;
      /** What stands in when the variable is not set, or empty. */
      readonly fallback: string | undefined;
    }
  | { readonly kind: 'var'; readonly text: string; readonly name: string }
  | { readonly kind: 'file'; readonly text: string; readonly path: string }
  | { readonly kind: 'run'; readonly text: string }
  | { readonly kind: 'step'; readonly text: string; readonly step: string }
  | { readonly kind: 'unknown'; readonly text: string };

/** `text` of each piece is what was written, so that the pieces together make the text again. */
export function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  for (const match of text.matchAll(/\$\$\{|\$\{[^{}]*\}|\$\{/g)) {
    if (match.index > done) pieces.push({ kind: 'text', text: text.slice(done, match.index) });
    const [whole] = match;
    pieces.push(whole === '$${' ? { kind: 'text', text: '${' } : referenceOf(whole));
    done = match.index + whole.length;
  }
  if (done < text.length) pieces.push({ kind: 'text', text: text.slice(done) });
  return pieces;
}

function referenceOf(text: string): Piece {
  const inside = text.slice(2, -1);
  const [, name, fallback] = /^env:([A-Za-z_]\w*)(?::-(.*))?$/s.exec(inside) ?? [];
  if (name !== undefined) return { kind: 'env', text, name, fallback };
  const [, variable] = /^var:([A-Za-z_]\w*)$/.exec(inside) ?? [];
  if (variable !== undefined) return { kind: 'var', text, name: variable };
  const [, path] = /^file:(.+)$/s.exec(inside) ?? [];
  if (path !== undefined) return { kind: 'file', text, path };
  const [, step] = /^step:([^.\s]+)\.snapshot$/.exec(inside) ?? [];
  if (step !== undefined) return { kind: 'step', text, step };
  return inside === 'run:id' ? { kind: 'run', text } : { kind: 'unknown', text };
}
