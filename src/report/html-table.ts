import { html, Markup, type HtmlValue } from './html-template.ts';
import { formatCount } from './words.ts';

export interface Column {
  readonly title: string;
  readonly kind?: 'name' | 'number' | 'state' | 'text';
}

export interface TableRow {
  readonly tone?: 'good' | 'bad' | 'warn' | undefined;
  readonly cells: readonly HtmlValue[];
}

/**
 * A table that can be scrolled by itself on a narrow screen, by keyboard too.
 *
 * On a phone its rows become cards; the roles are written out because a table that is laid out
 * otherwise loses them.
 */
export function htmlTable(
  caption: string,
  columns: readonly Column[],
  rows: readonly TableRow[],
  rowsMax: number,
): Markup {
  const heads = columns.map(({ title, kind }) =>
    kind === 'number'
      ? html`<th role="columnheader" scope="col" class="number">${title}</th>`
      : html`<th role="columnheader" scope="col">${title}</th>`,
  );
  const body = rows.slice(0, rowsMax).map((row) => tableRow(columns, row));
  const rest = rows.length - body.length;
  const more = rest > 0 ? html`<p class="more">and ${formatCount(rest)} more in the JSON report</p>` : undefined;
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
      <table>
        <caption>
          ${caption}
        </caption>
        <thead>
          <tr>
            ${heads}
          </tr>
        </thead>
        <tbody>
          ${body}
        </tbody>
      </table>
    </div>
    ${more}`;
}

function tableRow(columns: readonly Column[], { tone, cells }: TableRow): Markup {
  const filled = cells.map((cell, at) => {
    const { kind = 'text', title = '' } = columns[at] ?? {};
    if (kind === 'name') return html`<th role="rowheader" scope="row">${cell}</th>`;
    return html`<td role="cell" class="${kind}" data-label="${title}">${cell}</td>`;
  });
  return html`<tr role="row" class="${tone ?? 'plain'}">
    ${filled}
  </tr>`;
}
