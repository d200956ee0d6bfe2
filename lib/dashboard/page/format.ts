import { html, type Html } from './html.js';

export const number = (value: number): string => Math.round(value).toLocaleString('en');

/** Returns milliseconds as people read them. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1) return `${milliseconds.toFixed(2)} ms`;
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  return milliseconds < 60_000 ? `${(milliseconds / 1000).toFixed(1)} s` : span(milliseconds);
}

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const;

/** Returns a long time in its largest unit, such as `3 h`. */
export function span(milliseconds: number): string {
  const [size, unit] = UNITS.find(([one]) => milliseconds >= one) ?? UNITS[3];
  return `${Math.floor(milliseconds / size)} ${unit}`;
}

/** Returns a moment (milliseconds since 1970) as `15:42`, with its day unless that is the day of `now`; in UTC. */
export function moment(at: number, now: number): Html {
  const iso = new Date(at).toISOString();
  const isToday = iso.slice(0, 10) === new Date(now).toISOString().slice(0, 10);
  const text = isToday ? iso.slice(11, 16) : `${iso.slice(5, 10)} ${iso.slice(11, 16)}`;
  return html`<time datetime="${iso}">${text}</time>`;
}

/** Returns a past moment as `4 min ago`. */
export const ago = (at: number, now: number): Html =>
  html`<time datetime="${new Date(at).toISOString()}"
    >${now - at < 1000 ? 'now' : `${span(now - at)} ago`}</time
  >`;
