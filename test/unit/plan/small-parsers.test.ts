import { describe, expect, test } from 'vitest';
import { parseSizeBytes } from '../../../src/plan/size.ts';
import { sqlShape } from '../../../src/plan/sql-text.ts';
import { nearest } from '../../../src/plan/suggest.ts';
import { parseTable } from '../../../src/plan/tables.ts';
import { checkUrl } from '../../../src/plan/url.ts';

describe(sqlShape, () => {
  test.each([
    { text: 'SELECT 1', statements: 1, placeholders: 0 },
    { text: 'SELECT 1;', statements: 1, placeholders: 0 },
    { text: 'SELECT 1; ; SELECT ?', statements: 2, placeholders: 1 },
    { text: "SELECT ';?', \";?\", `;?`, 'it''s;', 'a\\';' -- ;?\n, ? # ?;", statements: 1, placeholders: 1 },
    { text: '-- nothing\n/* ; */ # no', statements: 0, placeholders: 0 },
    { text: '/*!40101 SET NAMES utf8 */;', statements: 1, placeholders: 0 },
    { text: 'SELECT 5--1', statements: 1, placeholders: 0 },
  ])('$text', ({ text, statements, placeholders }) => {
    expect(sqlShape(text)).toEqual({ statementCount: statements, placeholderCount: placeholders });
  });
});

describe(nearest, () => {
  test.each([
    { word: 'snapshoot', among: ['snapshot', 'sql'], is: 'snapshot' },
    { word: 'onfailure', among: ['on_failure', 'in_doubt'], is: 'on_failure' },
    { word: 'on-failure', among: ['on_failure'], is: 'on_failure' },
    { word: 'SQL', among: ['run', 'sql'], is: 'sql' },
    { word: 'rnu', among: ['run', 'rows'], is: 'run' },
    { word: 'database', among: ['timeout', 'retry'], is: undefined },
  ])('$word', ({ word, among, is }) => {
    expect(nearest(word, among)).toEqual(is);
  });
});

describe(parseTable, () => {
  test.each([
    { text: 'orders', table: { database: undefined, table: 'orders' } },
    { text: 'shop.*', table: { database: 'shop', table: '*' } },
    { text: '`a.b`.`c d`', table: { database: 'a.b', table: 'c d' } },
    { text: '', table: undefined },
    { text: 'a.', table: undefined },
    { text: '.a', table: undefined },
    { text: 'a b', table: undefined },
    { text: '`a', table: undefined },
  ])('$text', ({ text, table }) => {
    const result = parseTable(text);
    expect(result.kind === 'ok' ? result.value : undefined).toEqual(table);
  });
});

test('sizes are powers of 1024 with an i, and of 1000 without', () => {
  const sizes = ['1B', '2KB', '2KiB', '1.5 MiB', '20GiB', '1TB', '1iB', '5', 'GiB'].map((text) => {
    const size = parseSizeBytes(text);
    return size.kind === 'ok' ? size.value : undefined;
  });
  expect(sizes).toEqual([1, 2_000, 2_048, 1_572_864, 21_474_836_480, 1e12, undefined, undefined, undefined]);
});

describe(checkUrl, () => {
  test.each([
    { url: 'mysql://root@h', says: undefined },
    { url: 'mysql://root:p@h:3306/shop?tls=verify', says: undefined },
    { url: 'mysql://root@localhost/shop?socket=/run/mysqld.sock', says: undefined },
    { url: 'shop', says: 'this is no URL; write mysql://user:password@host:port/database' },
    { url: 'https://root@h', says: 'a connection URL starts with mysql://, not with https://' },
    { url: 'mysql://h/shop', says: 'the connection URL names no user' },
    { url: 'mysql://root:a#b@h', says: '`#` is written %23 in a connection URL' },
    { url: 'mysql://root:50%@h', says: 'a % in a connection URL starts a two-digit code; a plain % is written %25' },
    {
      url: 'mysql://root@h/shop?ssl=true',
      says: 'a connection URL has no parameter `ssl`; known are tls, ca, cert, key, socket',
    },
  ])('$url', ({ url, says }) => {
    const checked = checkUrl(url);
    expect(checked.kind === 'ok' ? undefined : checked.problem).toEqual(says);
  });
});
