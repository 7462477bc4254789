import { describe, expect, test } from 'vitest';
import { buildReport, renderEnding, renderTerminal } from '../../../src/report/index.ts';
import type { JournalBuilder } from '../../support/journal-builder.ts';
import * as journals from '../../support/journals.ts';

const shown = ({ entries }: JournalBuilder): string => renderTerminal(buildReport(entries, journals.SHOP_SHAPE));

describe(renderTerminal, () => {
  test('a run that was rolled back tells what failed, what was put back, and that it is proven', () => {
    expect(shown(journals.rolledBack())).toEqual(`\
add-order-currency   run 7f3k   shop on db1:3306, MariaDB 10.11

  ✓ before    snapshot of shop: 14 tables, 1,204,331 rows              1.9 s
  ✓ migrate   4 statements, 300,000 rows changed                       6.1 s
  ✗ check     2 of 16 checks failed                                    0.4 s
      shop.orders   expected the same 300,000 rows, found 299,987
                    gone: id 41, 977, 1203, 1204 and 9 more
      every order has a currency   expected none, found 13 rows
  ↶ rollback  3 of 14 tables differ: orders, order_items, currencies
  ✓ restore   317,402 rows in 3 tables                                 2.2 s
  ✓ proof     14 tables, 5 views, 3 triggers equal to the snapshot     0.7 s

Rolled back and proven: shop is as it was at 07:41:22 UTC. (exit 4)
The whole story: snapback report 7f3k --format html
`);
  });

  test('a run that was committed takes one line a step', () => {
    expect(shown(journals.committed())).toEqual(`\
add-order-currency   run 7f3k   shop on db1:3306, MariaDB 10.11

  ✓ before    snapshot of shop: 14 tables, 1,204,331 rows              1.9 s
  ✓ migrate   4 statements, 300,000 rows changed                       6.1 s
  ✓ check     16 checks passed                                         0.4 s

Committed: shop is as the plan intends. (exit 0)
The whole story: snapback report 7f3k --format html
`);
  });

  test('a run that failed before it changed anything says what to do about it, and what was not reached', () => {
    expect(shown(journals.failedClean())).toEqual(`\
add-order-currency   run 7f3k   shop on db1:3306, MariaDB 10.11

  ✗ before    failed: SNAPSHOT_REFUSED                                 35 ms
      shop.notes is a MEMORY table: its rows do not survive a restart, and
      neither would a copy of them
      Nothing was changed. Narrow the scope or change what the message
      names.
  · migrate   not reached
  · check     not reached

Failed at before before anything was changed. (exit 4)
The whole story: snapback report 7f3k --format html
`);
  });

  test('a run that is stuck says what differs and what to type next', () => {
    expect(shown(journals.stuck()).split('\n').slice(7)).toEqual([
      '      every order has a currency   expected none, found 13 rows',
      '  ↶ rollback  1 of 14 tables differs: orders; 1 object not in the snapshot',
      '  ✓ restore   300,000 rows in 1 table, 1 new object removed            2.2 s',
      '  ✗ proof     not equal to the snapshot: 2 differences                 0.7 s',
      '      shop.stock   table has other rows: expected 4,431 rows, found 4,430',
      '                   rows',
      '                   gone: sku A-7',
      '      shop.tr_audit   trigger is missing',
      '',
      'Stuck: shop could not be proven to be as it was; nothing more was touched.',
      '(exit 5)',
      'Try the way back again: snapback resume 7f3k',
      'Take over by hand: snapback close 7f3k --because TEXT',
      'The whole story: snapback report 7f3k --format html',
      '',
    ]);
  });

  test('a run that was interrupted says where, which way it goes on, and how to turn back', () => {
    expect(shown(journals.interrupted())).toEqual(`\
add-order-currency   run 7f3k   shop on db1:3306, MariaDB 10.11

  ✓ before    snapshot of shop: 14 tables, 1,204,331 rows              1.9 s
  ? migrate   in doubt at sql/migrate.sql:4: no outcome was recorded
  · check     not reached

Open, going forward: interrupted by SIGINT while the server was still at work.
What became of migrate is not recorded. (exit 6)
Go on, forward: snapback resume 7f3k
Go back: snapback rollback 7f3k
The whole story: snapback report 7f3k --format html
`);
  });

  test('names and values from outside come out inert and keep to their places', () => {
    expect(shown(journals.hostile())).toEqual(`\
<script>alert(1)</script>"'&   run 7f3k   shop on db1:3306, MariaDB 10.11

  · before    not reached
  ✗ migrate   statement 1 failed, at sql/migrate.sql:1                  5 ms
      <script>alert(1)</script>"'& a|b \`c\` [d](http://e) @everyone **f**
      www.evil.example ::error file=x.ts::boo ## [error]boo ·[31mred·[0m·2J·
      tail·gpj.exe
      <script>alert(1)</script>"'&
      a|b \`c\` [d](http://e) @everyone **f** www.evil.example
      : :error file=x.ts::boo ## [error]boo
      ·[31mred·[0m·2J· tail·gpj.exe
      a|b \`c\` [d](http://e) @everyone **f** www.evil.example
  ✗ check     4 of 4 checks failed                                      5 ms
      <script>alert(1)</script>"'&   expected <script>alert(1)</script>"'&,
                                     found <script>alert(1)</script>"'&
      a|b \`c\` [d](http://e) @everyone **f** www.evil.example
          expected a|b \`c\` [d](http://e) @everyone **f** www.evil.example,
          found a|b \`c\` [d](http://e) @everyone **f** www.evil.example
      : :error file=x.ts::boo ## [error]boo
          expected ::error file=x.ts::boo ## [error]boo, found ::error
          file=x.ts::boo ## [error]boo
      ·[31mred·[0m·2J· tail·gpj.exe   expected ·[31mred·[0m·2J·
                                      tail·gpj.exe, found ·[31mred·[0m·2J·
                                      tail·gpj.exe

<script>alert(1)</script>"'& a|b \`c\` [d](http://e) @everyone **f**
www.evil.example ::error file=x.ts::boo ## [error]boo ·[31mred·[0m·2J·
tail·gpj.exe (exit 4)
The whole story: snapback report 7f3k --format html
`);
  });

  test('colour changes nothing but the colour', () => {
    const report = buildReport(journals.rolledBack().entries);
    const coloured = renderTerminal(report, { color: true });

    expect(coloured.replace(/\u001b\[\d+m/g, '')).toEqual(renderTerminal(report));
    expect(coloured.split('\n')[4]?.slice(0, 14)).toEqual('  \u001b[31m✗\u001b[39m ');
  });

  test.each([40, 60, 80, 100, 240])('no line is wider than a window of %i columns', (columns) => {
    const lines = [journals.rolledBack(), journals.stuck(), journals.hostile(), journals.interrupted()].flatMap(
      ({ entries }) => renderTerminal(buildReport(entries, journals.SHOP_SHAPE), { columns }).split('\n'),
    );
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
  });
});

describe(renderEnding, () => {
  test('the ending alone says what is true and what to type next', () => {
    expect(renderEnding(buildReport(journals.rolledBack().entries))).toEqual(
      [
        'Rolled back and proven: shop is as it was at 07:41:22 UTC. (exit 4)',
        'The whole story: snapback report 7f3k --format html',
        '',
      ].join('\n'),
    );
  });
});
