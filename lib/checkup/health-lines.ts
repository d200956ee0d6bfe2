import { printable } from '../errors/printable.js';
import type { HealthStatus, SessionHealth, StoreFacts } from './session-health.interface.js';

/** One line of a report, for a terminal or a page. */
export interface HealthLine {
  readonly part: string;
  readonly status: HealthStatus;
  readonly text: string;
}

/** Returns a report as lines for a person: one for each part, then one for each finding. No line holds a secret, or a character
 *  that acts in a terminal. */
export function healthLines(health: SessionHealth): HealthLine[] {
  const { store, clock, keys, ring, driver, revocation, findings } = health;
  return [
    { part: 'store', status: store.status, text: store.stores.map(storeText).join('; ') },
    { part: 'clock', status: clock.status, text: clockText(clock.offset) },
    { part: 'keys', status: keys.status, text: keys.rings.map(keysText).join('; ') },
    { part: 'ring', status: ring.status, text: ringText(ring) },
    { part: 'driver', status: driver.status, text: driverText(driver) },
    ...(revocation
      ? [
          {
            part: 'revocation',
            status: revocation.status,
            text: revocation.sources.map(storeText).join('; '),
          },
        ]
      : []),
    ...findings.map(({ code, status, message }) => ({ part: code, status, text: printable(message) })),
  ];
}

const ACCESS: Readonly<Record<StoreFacts['access'], string>> = {
  writes: 'answers',
  reads: 'takes no writes',
  late: 'has not answered yet',
  none: 'does not answer',
  unasked: 'is not asked',
};

function storeText({ kind, name, access, latency, code }: StoreFacts): string {
  const time = latency === undefined ? '' : ` in ${latency.toFixed(1)} ms`;
  return printable(`${kind}${name && ` "${name}"`} ${ACCESS[access]}${time}${code ? ` (${code})` : ''}`);
}

function clockText(offset: number | undefined): string {
  if (offset === undefined) return 'no store tells its time';
  const seconds = Math.abs(offset).toFixed(1);
  if (seconds === '0.0') return 'agrees with the store';
  return `${seconds} s ${offset < 0 ? 'behind' : 'ahead of'} the store`;
}

function keysText({ format, managed, keys, seals, age, sources }: SessionHealth['keys']['rings'][number]) {
  const kinds = [...new Set(sources.map(({ kind }) => kind))].join(', ');
  const sealing = seals === undefined ? '' : `, ${seals} seals for ${Math.round(age ?? 0)} s`;
  return printable(
    `${format}${managed ? ', managed' : ''}: ${keys} ${keys === 1 ? 'key' : 'keys'}${sealing}, secrets from ${kinds || 'nowhere'}`,
  );
}

function ringText({ managed, processes }: SessionHealth['ring']): string {
  if (!managed) return 'not managed, so nobody knows what other processes have';
  const agreeing = processes.filter(({ state }) => state === 'agrees').length;
  return `${agreeing} of ${processes.length} processes that report have the same keys`;
}

const driverText = ({ name, version, code }: SessionHealth['driver']): string =>
  printable(
    `${name}${version ? ` ${version}` : ''}, known answers right at the start${code ? `, ${code === 'timeout' ? 'has not answered' : 'fails now'} (${code})` : ''}`,
  );
