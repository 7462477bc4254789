import { describe, expect, test } from 'vitest';
import { disarmLine, escapeCell, escapeHtml, escapeXml, stripControl } from '../../../src/report/index.ts';

describe(stripControl, () => {
  test('escape sequences, bells and direction overrides lose their power, line ends become blanks', () => {
    expect(stripControl('a\u001b[31mb\u0007c\u009b2Jd\u202ee\r\nf\tg\u2028h\ud800')).toEqual(
      'a·[31mb·c·2Jd·e f g h\ufffd',
    );
  });

  test('ordinary text of any script stays as it is', () => {
    expect(stripControl('Straße 東京 👩‍💻')).toEqual('Straße 東京 👩‍💻');
  });
});

test('a line that a CI log would obey is disarmed', () => {
  expect(['::error::x', '   ::set-output', 'a::b', '##[error]x'].map(disarmLine)).toEqual([
    ': :error::x',
    '   : :set-output',
    'a::b',
    '## [error]x',
  ]);
});

test('HTML text and attributes cannot be left', () => {
  expect(escapeHtml(`<b title="x" id='y'>&\u001b[0m\n\ttail`)).toEqual(
    '&lt;b title=&quot;x&quot; id=&#39;y&#39;&gt;&amp;·[0m\n  tail',
  );
});

test('XML holds no character that XML 1.0 forbids', () => {
  expect(escapeXml('a\u0000b\ufffec\ud800<')).toEqual('a·b·c\ufffd&lt;');
});

test('a Markdown cell holds no markup, link, mention or second cell', () => {
  expect(escapeCell('a|b *c* _d_ `e` [f](http://g) @all <h> #1 www.i.example x::y\nz')).toEqual(
    'a\\|b \\*c\\* \\_d\\_ \\`e\\` \\[f\\](http\\://g) &#64;all &lt;h&gt; \\#1 www\\.i.example x\\::y z',
  );
});
