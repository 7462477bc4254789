import { html, Markup, type HtmlValue } from './html-template.ts';
import { formatCount } from './words.ts';

/** How much of a run is shown. What is cut is counted where it would have stood, and is in the JSON report. */
export interface Limits {
  /** Rows of one table, and lines of one list. */
  readonly rows: number;
  /** UTF-16 units of one text. */
  readonly text: number;
}

export interface Column {
  readonly title: string;
  readonly kind?: 'name' | 'number' | 'state' | 'text';
}

export interface TableRow {
  readonly tone?: 'good' | 'bad' | 'warn' | undefined;
  readonly cells: readonly HtmlValue[];
}

export interface TableSketch<Item> {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly items: readonly Item[];
  readonly rowOf: (item: Item) => TableRow;
}

/**
 * A table that can be scrolled by itself on a narrow screen, by keyboard too.
 *
 * On a phone its rows become cards; the roles are written out because a table that is laid out
 * otherwise loses them.
 */
export function htmlTable<Item>({ caption, columns, items, rowOf }: TableSketch<Item>, { rows }: Limits): Markup {
  const heads = columns.map(({ title, kind }) =>
    kind === 'number'
      ? html`<th role="columnheader" scope="col" class="number">${title}</th>`
      : html`<th role="columnheader" scope="col">${title}</th>`,
  );
  const body = items.slice(0, rows).map((item) => tableRow(columns, rowOf(item)));
  return html`<div class="scroll" role="group" aria-label="${caption}" tabindex="0">
      <table role="table">
        <caption>
          ${caption}
        </caption>
        <thead role="rowgroup">
          <tr role="row">
            ${heads}
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${body}
        </tbody>
      </table>
    </div>
    ${moreMarkup(items.length - body.length)}`;
}

/** What was left out, counted. */
export function moreMarkup(count: number): Markup | undefined {
  return count > 0 ? html`<p class="more">and ${formatCount(count)} more in the JSON report</p>` : undefined;
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
