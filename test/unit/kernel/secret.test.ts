import { expect, test } from 'vitest';
import { redact } from '../../../src/kernel/index.ts';

test.each([
  [
    'the longest first: one that begins another leaves nothing of it',
    'a hunter22-extended b',
    ['hunter22', 'hunter22-extended'],
    'a *** b',
  ],
  ['of several lines each one', 'x second-line y', ['-----BEGIN-----\nfirst-line\nsecond-line\n'], 'x *** y'],
  ['as a URL has it', "p%40s's p%40s%27s", ["p@s's"], '*** ***'],
  ['as SQL has it', "'it''s' and 'it''s\\\\'", ["it's", "it's\\"], "'***' and '***'"],
  ['as JSON has it', '"a\\"bc"', ['a"bc'], '"***"'],
  ['what is too short stays', 'ab', ['ab'], 'ab'],
  ['half a surrogate pair is no obstacle', 'x \ud800abc', ['\ud800abc'], 'x ***'],
])('a secret is replaced: %s', (_, text, secrets, expected) => {
  expect(redact(text, secrets)).toEqual(expected);
});
