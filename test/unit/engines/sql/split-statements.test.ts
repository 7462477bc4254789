import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitStatements } from '../../../../src/engines/sql/split-statements.ts';

function texts(script: string): readonly string[] {
  return splitStatements(script).map(({ text }) => text);
}

describe('a script', () => {
  test.each<[what: string, script: string, statements: readonly string[]]>([
    ['without a last delimiter', 'SELECT 1; SELECT 2', ['SELECT 1', 'SELECT 2']],
    ['with empty statements', ';; SELECT 1 ;\n;', ['SELECT 1']],
    ['with comments only', '-- a;\n# b;\n/* c; */;', []],
    ['with delimiters in texts', `SELECT ';', ";", \`;\`;SELECT 2`, [`SELECT ';', ";", \`;\``, 'SELECT 2']],
    ['with doubled quotes', "SELECT 'it''s; ' ; SELECT 2", ["SELECT 'it''s; '", 'SELECT 2']],
    [
      'with escaped quotes',
      "SELECT 'a\\';b'; SELECT \"\\\\\"; SELECT 3",
      ["SELECT 'a\\';b'", 'SELECT "\\\\"', 'SELECT 3'],
    ],
    ['with a backslash in a name', 'SELECT `a\\`; SELECT 2', ['SELECT `a\\`', 'SELECT 2']],
    [
      'with delimiters in comments',
      'SELECT /* ; */ 1 -- ;\n + 2 # ;\n; SELECT 3',
      ['SELECT /* ; */ 1 -- ;\n + 2', 'SELECT 3'],
    ],
    ['with a double minus', 'SELECT 5--3; SELECT 2', ['SELECT 5--3', 'SELECT 2']],
    ['with a dash comment at its end', 'SELECT 1; --', ['SELECT 1']],
    ['with a quote in a comment', "-- it's\nSELECT 1; /* don't */ SELECT 2", ['SELECT 1', 'SELECT 2']],
    [
      'with a comment mark in a text',
      "SELECT '/*', '-- ', '#'; SELECT '*/'",
      ["SELECT '/*', '-- ', '#'", "SELECT '*/'"],
    ],
    ['with an executable comment', '/*!40101 SET NAMES utf8 */; SELECT 1', ['/*!40101 SET NAMES utf8 */', 'SELECT 1']],
    [
      'with an executable comment of MariaDB',
      '/*M!999999\\- enable */; SELECT 1',
      ['/*M!999999\\- enable */', 'SELECT 1'],
    ],
    [
      'with delimiters in one',
      "/*!50003 BEGIN SELECT '*/'; END */; SELECT 1",
      ["/*!50003 BEGIN SELECT '*/'; END */", 'SELECT 1'],
    ],
    ['with Windows line ends', 'SELECT 1;\r\nSELECT 2;\r\n', ['SELECT 1', 'SELECT 2']],
    ['with a byte order mark', '\ufeffSELECT 1;', ['SELECT 1']],
    ['with an open text', "SELECT 1; SELECT 'open; SELECT 3", ['SELECT 1', "SELECT 'open; SELECT 3"]],
    ['with an open comment', 'SELECT 1; /* open; SELECT 3', ['SELECT 1', '/* open; SELECT 3']],
    ['that is empty', '', []],
  ])('%s is split', (_, script, statements) => {
    expect(texts(script)).toEqual(statements);
  });

  test.each<[what: string, script: string, statements: readonly string[]]>([
    [
      'around a routine',
      'DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END//\nDELIMITER ;\nSELECT 3;',
      ['CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END', 'SELECT 3'],
    ],
    ['that ends a word', 'delimiter $$\r\nBEGIN x; END$$ SELECT 1$$\ndelimiter ;\n', ['BEGIN x; END', 'SELECT 1']],
    [
      'of two semicolons',
      'DELIMITER ;;\n/*!50003 CREATE TRIGGER t BEGIN a; END */;;\nDELIMITER ;\nb;',
      ['/*!50003 CREATE TRIGGER t BEGIN a; END */', 'b'],
    ],
    ['behind blanks', '  DELIMITER |\nSELECT 1; 2|', ['SELECT 1; 2']],
    ['that looks like a comment', 'DELIMITER --\nSELECT 1--\nSELECT 2--', ['SELECT 1', 'SELECT 2']],
    ['in a statement is no command', 'SELECT 1 AS\nDELIMITER ;', ['SELECT 1 AS\nDELIMITER']],
    ['without a word is a statement', 'DELIMITER\n;', ['DELIMITER']],
  ])('a delimiter %s', (_, script, statements) => {
    expect(texts(script)).toEqual(statements);
  });
});

test('a statement knows its offset and its line', () => {
  const script = '-- first\n\nSELECT 1;  SELECT\n 2;\n/* x\n */ SELECT 3';
  expect(splitStatements(script)).toEqual([
    { text: 'SELECT 1', offset: 10, line: 3 },
    { text: 'SELECT\n 2', offset: 21, line: 3 },
    { text: 'SELECT 3', offset: 41, line: 6 },
  ]);
});

const PIECES = [
  "'",
  '"',
  '`',
  ';',
  '\\',
  '\n',
  ' ',
  '-- ',
  '#',
  '/*',
  '*/',
  '/*!',
  'DELIMITER //\n',
  '//',
  'x',
  'ä',
  '😀',
  '-',
];

test('a statement is a piece of its script, and the pieces do not overlap', () => {
  const script = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(script, (text) => {
      let end = 0;
      for (const statement of splitStatements(text)) {
        expect(text.slice(statement.offset, statement.offset + statement.text.length)).toEqual(statement.text);
        expect(statement.offset >= end).toEqual(true);
        expect(statement.line).toEqual(text.slice(0, statement.offset).split('\n').length);
        end = statement.offset + statement.text.length;
      }
    }),
    { numRuns: 2_000 },
  );
});

test('no character of a statement is lost between two others', () => {
  const text = fc.constantFrom("'a;''b'", '"c;"', '`d;`', 'e', '5--3', '/*!1 f; */', '(g)', "'\\';'");
  const gap = fc.constantFrom(' ', '\n', ' /* ; */ ', ' -- ;\n', ' # ;\n');
  const statement = fc
    .array(fc.tuple(text, gap), { minLength: 1, maxLength: 6 })
    .map((parts) => parts.map(([word, blank], index) => (index === parts.length - 1 ? word : word + blank)).join(''));
  fc.assert(
    fc.property(fc.array(fc.tuple(statement, gap), { maxLength: 6 }), (parts) => {
      const script = parts.map(([body, blank]) => `${blank}${body}${blank};`).join('');
      expect(texts(script)).toEqual(parts.map(([body]) => body));
    }),
    { numRuns: 1_000 },
  );
});

test('a script of megabytes on one line is split in good time', () => {
  const count = 200_000;
  expect(splitStatements("INSERT INTO t VALUES ('a;b');".repeat(count)).length).toEqual(count);
});
