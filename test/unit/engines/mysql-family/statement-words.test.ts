import { expect, test } from 'vitest';
import { statementWords } from '../../../../src/engines/mysql-family/statement-words.ts';

function told(text: string) {
  const { keyword, words, called } = statementWords(text);
  return { keyword, words: [...words], called: [...called] };
}

test('words and quoted names are found, texts and comments are not', () => {
  expect(told('/* no */ insert INTO `Odd ``name`.t -- no\nVALUES (\'no\', "ans""i") # no')).toEqual({
    keyword: 'INSERT',
    words: ['insert', 'into', 'odd `name', 't', 'values', 'ans"i'],
    called: ['values'],
  });
});

test('what is inside an executable comment counts', () => {
  expect(told('/*!50003 CALL p() */')).toEqual({ keyword: 'CALL', words: ['call', 'p'], called: ['p'] });
  expect(told('SELECT 1 /*M!100100 , f(2) */').called).toEqual(['f']);
});

test('blanks and comments do not hide that a function is called', () => {
  expect(told('SELECT f /* x */\n (1), `g`(2), h, (3)').called).toEqual(['f', 'g']);
});

test('a quote inside of a text does not end it', () => {
  expect(told("SELECT 'a\\' b', 'c'' d', \"\\\" e\" FROM t").words).toEqual(['select', '\\" e', 'from', 't']);
});

test('a text of many megabytes is read in good time', () => {
  const text = `INSERT INTO t VALUES ('${"x''\\'".repeat(1_000_000)}')`;
  expect(told(text).words).toEqual(['insert', 'into', 't', 'values']);
});
