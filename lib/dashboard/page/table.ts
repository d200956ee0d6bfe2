import { html, type Html, type HtmlValue } from './html.js';

/** A row of a table: its header, and its other cells. Numbers are written as numbers. */
export type Row = readonly [head: HtmlValue, ...cells: HtmlValue[]];

/** Makes a table whose columns and rows have headers. What is 0 is written softly. */
export function table(columns: readonly string[], rows: readonly Row[], caption?: HtmlValue): Html {
  const [first, ...others] = columns;
  const isNumber = others.map((_, i) => rows.every((row) => typeof row[i + 1] === 'number'));
  const name = (i: number) => (isNumber[i] ? 'n' : '');
  return html`<table>
    ${
      caption !== undefined &&
      html`<caption>
        ${caption}
      </caption>`
    }
    <thead>
      <tr>
        <th scope="col">${first}</th>
        ${others.map((one, i) => html`<th scope="col" class="${name(i)}">${one}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ([head, ...cells]) =>
          html`<tr>
            <th scope="row">${head}</th>
            ${cells.map((cell, i) => cellOf(cell, name(i)))}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

const cellOf = (cell: HtmlValue, name: string): Html =>
  typeof cell === 'number'
    ? html`<td class="${name}${cell === 0 && ' zero'}">${cell.toLocaleString('en')}</td>`
    : html`<td class="${name}">${cell}</td>`;
