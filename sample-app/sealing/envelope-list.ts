import { bytesText, colourOf, tokenBar } from '../cookie/token-bar.js';
import { html, type Html } from '../pages/html.js';
import type { EnvelopeField, EnvelopeView } from './envelope.js';

/** Draws an envelope of the demonstration with all of its bytes. `genuine` is the one that it was made from: bytes that differ
 *  from it are marked. */
export function envelopeList(view: EnvelopeView, genuine: EnvelopeView = view): Html {
  return html`${tokenBar(view.fields)}
    <ul class="parts bytes-shown">
      ${view.fields.map((field, i) => line(field, genuine.fields[i]!.value))}
    </ul>`;
}

const line = ({ name, bytes, value, says }: EnvelopeField, genuine: Buffer) =>
  html`<li>
    <span class="swatch ${colourOf(name)}"></span><b>${name}</b>
    <span class="bytes">${bytesText(bytes)}</span>
    <samp>${hex(value, genuine)}</samp>
    <span class="says">${says}</span>
  </li>`;

/** Bytes in hexadecimal, in groups of four, so that lines can break between them. */
export const hex = (bytes: Buffer, genuine: Buffer = bytes): Html[] =>
  [...bytes].map((byte, i) => {
    const text = byte.toString(16).padStart(2, '0');
    const gap = i % 4 === 3 && i + 1 < bytes.length ? ' ' : '';
    return byte === genuine[i] ? html`${text}${gap}` : html`<mark>${text}</mark>${gap}`;
  });
