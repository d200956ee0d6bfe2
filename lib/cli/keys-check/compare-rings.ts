import { readFile } from 'node:fs/promises';
import { codeOf } from '../../errors/session-store.error.js';
import { parseJsonObject } from '../../record/json-value.js';
import { CommandError } from '../command.error.js';
import { EXIT } from '../exit-codes.js';
import { loadConfig } from '../load-config.js';
import { isManaged, withKeysAlone } from '../cookie/open-keys.js';
import type { KeysReport, RingReport } from './keys-report.interface.js';
import { ringReports } from './ring-reports.js';
import { fingerprintOf } from '../../options/audit/fingerprint.js';

/** What is compared of a server. */
export type ComparedKeys = Pick<KeysReport, 'fingerprint' | 'rings'>;

const HINT = /^[0-9a-f]{8}$/;

/** Reads the keys of another server: the JSON that this command has printed there, or a file with its options. Rejects with a
 *  CommandError for a file that is neither. */
export async function readOther(file: string): Promise<ComparedKeys> {
  if (!file.endsWith('.json')) return fromOptions(file);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CommandError(EXIT.noInput, `${file} cannot be read (${codeOf(error)})`);
  });
  const found = parseJsonObject(text) as Partial<ComparedKeys> | undefined;
  if (isReport(found)) return found;
  throw new CommandError(
    EXIT.data,
    `${file} is no report; write it on the other server by "session-crypto keys check --json"`,
  );
}

async function fromOptions(file: string): Promise<ComparedKeys> {
  const options = await loadConfig(file);
  if (isManaged(options))
    throw new CommandError(
      EXIT.data,
      `${file} has a managed ring, whose keys are in a store; pass what "session-crypto keys check --json" prints on that server`,
    );
  return withKeysAlone(options, async (manager) => ({
    fingerprint: fingerprintOf(manager.base.options),
    rings: ringReports(manager),
  }));
}

function isReport(found: Partial<ComparedKeys> | undefined): found is ComparedKeys {
  const { fingerprint, rings } = found ?? {};
  return (
    typeof fingerprint === 'string' && HINT.test(fingerprint) && Array.isArray(rings) && rings.every(isRing)
  );
}

const isRing = ({ path, keys }: Partial<RingReport>): boolean =>
  typeof path === 'string' &&
  Array.isArray(keys) &&
  keys.every(({ hint, seals }) => typeof hint === 'string' && HINT.test(hint) && typeof seals === 'boolean');

/** Compares the keys of this server with those of another. */
export function compareRings(own: ComparedKeys, other: ComparedKeys): Pick<KeysReport, 'findings' | 'notes'> {
  const findings: string[] = [];
  const notes: string[] = [];
  if (own.fingerprint !== other.fingerprint)
    findings.push(
      `the options differ (${own.fingerprint} here, ${other.fingerprint} there): make crypto, cookie, id, store and contexts equal`,
    );
  for (const ring of own.rings) {
    const there = other.rings.find(({ path }) => path === ring.path);
    if (!there) continue; // then the options differ
    const lacks = [...lacking(ring, there, 'here', 'there'), ...lacking(there, ring, 'there', 'here')];
    findings.push(...lacks.map((one) => `${ring.path}: ${one}`));
    if (!lacks.length) notes.push(`${ring.path}: ${agreement(ring, there)}`);
  }
  return { findings, notes };
}

const hintsOf = ({ keys }: RingReport): string[] => keys.map(({ hint }) => hint);

/** The first key matters most: what it seals is refused where it is missing. */
function lacking(one: RingReport, other: RingReport, here: string, there: string): string[] {
  const missing = one.keys.filter(({ hint }) => !hintsOf(other).includes(hint));
  return missing.map(({ hint, seals }) =>
    seals
      ? `the key ${hint} seals ${here} and is not ${there}, so every session that is sealed ${here} is refused ${there}; append it ${there} first, and let it seal when all servers have it`
      : `the key ${hint} opens ${here} and is not ${there}, so its sessions are refused ${there}`,
  );
}

function agreement(one: RingReport, other: RingReport): string {
  const [here, there] = [one, other].map(({ keys }) => keys.find(({ seals }) => seals)?.hint);
  if (here === there) return 'both have the same keys, and seal with the same one';
  return `both open the same keys; ${here} seals here and ${there} there, as while a key is being exchanged`;
}
