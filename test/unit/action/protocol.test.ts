import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  annotationLine,
  ANNOTATIONS_MAX,
  AnnotationBudget,
  fileEntry,
  inertLine,
  maskLines,
  type Annotation,
} from '../../../src/action/protocol.ts';
import { systemEntropy } from '../../../src/kernel/index.ts';

const ESCAPE = '\u001b';
const HOSTILE = [
  '::error::x',
  '\r\n::set-output name=verdict::committed',
  `${ESCAPE}[31mred${ESCAPE}]8;;http://x${ESCAPE}\\`,
  '%0A::stop-commands::x',
  '##[error]x',
  'a,title=b::c',
  '<script>alert(1)</script> | `x` [a](javascript:b)',
  'x'.repeat(10_000_000),
  '\u202e\u0000\u0007\u2028::error::y',
];
const piece = fc.oneof(fc.constantFrom(...HOSTILE.map((text) => text.slice(0, 200))), fc.string({ unit: 'binary' }));
const text = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''));

/** As the runner reads a command: properties up to `::`, and what it decodes. */
function readAnnotation(line: string) {
  const [, severity, properties = '', message = ''] = /^::(\w+) ([^:]*)::(.*)$/s.exec(line) ?? [];
  const names = properties.split(',').map((property) => property.split('=')[0]);
  return { severity, names, message };
}

describe('an annotation', () => {
  test('whatever it says, it is one line, of one command, with our own properties, and bounded', () => {
    fc.assert(
      fc.property(text, text, text, (title, message, path) => {
        const line = annotationLine({ severity: 'error', title, message, place: { path, line: 3, column: 7 } });
        const { severity, names } = readAnnotation(line);
        expect({ severity, names }).toEqual({ severity: 'error', names: ['file', 'line', 'col', 'title'] });
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }),
    );
  });

  test('a title or a message of ten megabytes is cut', () => {
    const huge = '%'.repeat(10_000_000);
    expect(annotationLine({ severity: 'warning', title: huge, message: huge }).length).toBeLessThan(10_000);
  });
});

describe('the annotations of a step', () => {
  const many = (severity: Annotation['severity'], count: number): readonly Annotation[] =>
    Array.from({ length: count }, (_, at) => ({ severity, title: `${severity} ${at}`, message: 'm' }));
  const titles = (annotations: readonly Annotation[]) => annotations.map(({ title }) => title);

  test('as many as GitHub shows are shown as they are', () => {
    const all = [...many('error', ANNOTATIONS_MAX), ...many('warning', ANNOTATIONS_MAX)];
    expect(new AnnotationBudget().spend(all)).toEqual({ shown: all, others: [] });
  });

  test('of more, the last says how many there are, and those go to the log', () => {
    const { shown, others } = new AnnotationBudget().spend(many('error', 30));
    expect([shown.length, shown.at(-1), others.length]).toEqual([
      ANNOTATIONS_MAX,
      { severity: 'error', title: 'and more', message: '21 more of these are in the log of this step.' },
      21,
    ]);
  });

  test('the limit holds for the whole step, and some can be kept for what comes later', () => {
    const budget = new AnnotationBudget();
    const early = budget.spend(many('warning', 30), 4);
    const late = budget.spend(many('warning', 3));
    const last = budget.spend(many('warning', 2));
    const none = budget.spend(many('warning', 1));
    expect([early.shown.length, titles(late.shown), titles(last.shown), none]).toEqual([
      6,
      ['warning 0', 'warning 1', 'warning 2'],
      ['and more'],
      { shown: [], others: many('warning', 1) },
    ]);
  });
});

describe('a file that the runner reads', () => {
  test('whatever a value holds, it comes back as it was, and adds no other', () => {
    fc.assert(
      fc.property(text, (value) => {
        const lines = fileEntry('failed-step', value, systemEntropy).split('\n');
        const end = /^failed-step<<(end_\w{24})$/.exec(lines[0] ?? '')?.[1] ?? '';
        expect([lines.indexOf(end), lines.slice(1, -2).join('\n')]).toEqual([lines.length - 2, value]);
      }),
    );
  });

  test('a value cannot end its entry by guessing the line that ends it', () => {
    const ends = Array.from({ length: 50 }, () => fileEntry('a', '', systemEntropy));
    expect(new Set(ends).size).toEqual(50);
  });
});

test('a foreign line in the log is obeyed neither by a terminal nor by the runner', () => {
  fc.assert(
    fc.property(text, (line) => {
      const inert = inertLine(line);
      expect(inert).not.toMatch(/^\s*::|##\[/m);
      expect(inert).not.toContain(ESCAPE);
    }),
  );
});

test('a secret is masked line by line, as it is written, and what is too short would blot out words', () => {
  expect(maskLines('one%25two\r\n::error::x\n \nab')).toEqual(['::add-mask::one%2525two', '::add-mask::::error::x']);
});
