import { Document, isScalar, visit } from 'yaml';
import type { RawPlan } from './generated/raw-plan.ts';

export type { RawPlan, Snapshot as RawSnapshot, Step as RawStep, Verify as RawVerify } from './generated/raw-plan.ts';

/** Lists of words that fit are written on one line, as people write them. */
const LIST_CHARACTERS_MAX = 90;

/**
 * A plan as a person would write it. Texts are written as they are: whoever has a literal `${` writes `$${`.
 *
 * @param comments lines that stand above it, without `#`.
 */
export function writePlanText(plan: RawPlan, comments: readonly string[] = []): string {
  const document = new Document(plan, { version: '1.2' });
  visit(document, {
    Seq(_, list) {
      const words = list.items.map((item) => (isScalar(item) ? String(item.value) : undefined));
      if (words.includes(undefined) || words.some((word) => word?.includes('\n') === true)) return;
      list.flow = words.join(', ').length <= LIST_CHARACTERS_MAX;
    },
  });
  // Without folding, a command stays on one line, and what was pasted into a plan can be copied out of it again.
  const body = document.toString({ lineWidth: 0, singleQuote: true, flowCollectionPadding: false });
  return [...comments.map((line) => `# ${line}\n`), body].join('');
}

/** A literal text in a plan: what looks like a reference in it is none. */
export function literalText(text: string): string {
  return text.replaceAll('${', () => '$${');
}

/** A name of a database or table as `parseTable` reads it back. */
export function writeName(name: string): string {
  return /[.`\s]/.test(name) ? `\`${name.replaceAll('`', '``')}\`` : name;
}
