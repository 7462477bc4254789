import { expect, test } from 'vitest';
import { diffText } from '../../../src/kernel/index.ts';

test('equal texts differ in nothing', () => {
  expect(diffText('a\nb', 'a\nb')).toEqual([]);
});

test('lines that went and lines that came stand where they were, with one line around them', () => {
  const before = ['`id` int', '`name` varchar(20)', '`note` text', '`price` int', '`x` int'].join('\n');
  const now = ['`id` int', '`name` varchar(40)', '`note` text', '`price` int', '`x` int', '`y` int'].join('\n');
  expect(diffText(before, now)).toEqual([
    '  `id` int',
    '- `name` varchar(20)',
    '+ `name` varchar(40)',
    '  `note` text',
    '  ..',
    '  `x` int',
    '+ `y` int',
  ]);
});

test('a long line of SQL is broken where a clause begins, and never inside of quotes', () => {
  const view = (where: string): string =>
    "CREATE VIEW `open` AS select `o`.`id` AS `id`,'a, b from c' AS `note` from `orders` `o`" +
    ` where ${where} order by \`id\``;
  expect(diffText(view('`o`.`paid` = 0'), view('1'))).toEqual([
    '  ..',
    '  from `orders` `o`',
    '- where `o`.`paid` = 0',
    '+ where 1',
    '  order by `id`',
  ]);
});

test('texts that differ in blanks only are shown as they stand', () => {
  const line = (blank: string): string =>
    `select 'x'${blank}from t ${'/* a long comment that makes it long */'.repeat(3)}`;
  expect(diffText(line(' '), line('  '))).toEqual([`- ${line(' ')}`, `+ ${line('  ')}`]);
});

test('a long difference is cut, and says by how much', () => {
  const lines = (word: string): string => Array.from({ length: 60 }, (_, at) => `${word} ${at}`).join('\n');
  const diff = diffText(lines('old'), lines('new'));
  expect({ length: diff.length, last: diff.at(-1) }).toEqual({ length: 41, last: '  .. and 80 more' });
});

test('texts too long to be lined up are told as sets of lines', () => {
  const many = (last: string): string => [...Array.from({ length: 600 }, (_, at) => `line ${at}`), last].join('\n');
  expect(diffText(many('was'), many('is'))).toEqual(['- was', '+ is']);
});
