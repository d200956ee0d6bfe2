import { UNSEEN } from '../../errors/printable.js';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Markup that is safe to send. Only {@link html} makes it. */
export class Html {
  constructor(readonly text: string) {}
}

export type HtmlValue = string | number | Html | undefined | false | readonly HtmlValue[];

/** Makes markup from a template. It escapes each value that is not markup itself, and leaves out `undefined` and `false`. Values
 *  stand in text and in attributes with quotes, never in scripts or styles. */
export const html = (strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html =>
  new Html(String.raw({ raw: strings }, ...values.map(write)));

/** Makes the value of a form's field, which comes back with the form as it was: {@link html} would change characters that cannot be
 *  seen, and some names have them. It stands in an attribute with quotes, and nowhere else. */
export const exact = (text: string): Html => new Html(escaped(text));

/** Returns a text of strangers without characters that cannot be seen. */
export const visible = (text: string): string => text.replaceAll(UNSEEN, '\u{fffd}');

function write(value: HtmlValue): string {
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(write).join('');
  if (value === undefined || value === false) return '';
  return escaped(visible(String(value)));
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
