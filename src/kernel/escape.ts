// Foreign text (names, values, server messages, program output) passes through here before it is printed,
// and nowhere else.

// Control characters act on a terminal; direction overrides make a text look like another one.

const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** One line that a terminal shows and does not obey: line ends become blanks, other control characters a dot. */
export function stripControl(text: string): string {
  return text
    .replace(/\r\n|[\r\n\t\u2028\u2029]/g, ' ')
    .replace(UNPRINTABLE, '·')
    .replace(LONE_SURROGATE, '\ufffd');
}

/** Several lines for a terminal, each one as `stripControl` would have it. */
export function stripControlLines(text: string): readonly string[] {
  return text.split(/\r\n|[\r\n\u2028\u2029]/).map(stripControl);
}

/** Keeps a whole printed line from being read as a command by the log of a CI service. */
export function disarmLine(line: string): string {
  return line.replace(/^(\s*):(?=:)/, '$1: ').replaceAll('##[', '## [');
}

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text for an HTML element or a quoted attribute. Line ends stay. */
export function escapeHtml(text: string): string {
  return quiet(stripped(text).replace(/[&<>"']/g, (char) => HTML[char] ?? char));
}

/** Text for an XML element or a quoted attribute; what XML 1.0 cannot hold becomes a dot. Line ends stay. */
export function escapeXml(text: string): string {
  const held = stripped(text).replace(/[\ufffe\uffff]/g, '·');
  return quiet(held.replace(/[&<>"']/g, (char) => HTML[char] ?? char));
}

/** As `disarmLine`, without a change to what is read: markup may be printed to a log. */
function quiet(markup: string): string {
  return markup.replace(/^(\s*):(?=:)/gm, '$1&#58;').replaceAll('##[', '##&#91;');
}

function stripped(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replaceAll('\t', '  ').replace(UNPRINTABLE, '·').replace(LONE_SURROGATE, '\ufffd'))
    .join('\n');
}

/**
 * Text for a cell of a Markdown table, or any other place inside a line: it comes out as it is,
 * without links, mentions, markup, HTML or a new line.
 */
export function escapeCell(text: string): string {
  return stripControl(text)
    .replace(/[\\`*_{}[\]#|~$!]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/@/g, '&#64;')
    .replace(/:(?=[:/])/g, '\\:')
    .replace(/\bwww\./gi, (www) => `${www.slice(0, 3)}\\.`);
}
