import { html, type Html } from '../pages/html.js';

/** A part of a token as the bar draws it. */
interface DrawnPart {
  readonly name: string;
  readonly bytes: number;
}

/** A bar with one block for each part. It is an SVG, since the Content-Security-Policy allows no inline styles. */
export function tokenBar(parts: readonly DrawnPart[]): Html {
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  let at = 0;
  const blocks = parts.map(({ name, bytes }) => {
    const block = html`<rect class="${colourOf(name)}" x="${at}" width="${bytes}" height="1">
      <title>${name}: ${bytes} bytes</title>
    </rect>`;
    at += bytes;
    return block;
  });
  return html`<svg
    class="bar"
    viewBox="0 0 ${total} 1"
    preserveAspectRatio="none"
    role="img"
    aria-label="The parts of the cookie, drawn to scale"
  >
    ${blocks}
  </svg>`;
}

/** The class of a part's colour. */
export const colourOf = (name: string): string => `part-${name.replace(' ', '-').toLowerCase()}`;

export const bytesText = (bytes: number): string => `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
