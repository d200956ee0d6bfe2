import { basename } from 'node:path';
import type { KeySource } from '../../crypto/key-source.interface.js';
import { codeOf } from '../../errors/session-store.error.js';
import type { SessionConfigError } from '../../errors/session-config.error.js';
import type { SourceReport } from './keys-report.interface.js';

/** Reads each source of secrets by itself, and wipes what it gave. */
export async function checkSources(sources: readonly KeySource[]): Promise<SourceReport[]> {
  const reports: SourceReport[] = [];
  for (const source of sources) reports.push(await checkSource(source));
  return reports;
}

async function checkSource(source: KeySource): Promise<SourceReport> {
  const known = { path: source.path, from: fromOf(source) };
  try {
    const secrets = await source.read();
    for (const { bytes } of secrets) bytes.fill(0);
    return { ...known, secrets: secrets.length };
  } catch (error) {
    return { ...known, fault: faultOf(error) };
  }
}

function fromOf({ file, reloads }: KeySource): string {
  if (file) return `the file ${basename(file)}`;
  return reloads ? 'a program or a function' : 'the options';
}

/** The message of a foreign error could hold a secret. */
function faultOf(error: unknown): string {
  const { code, faults } = Object(error) as Partial<SessionConfigError>;
  if (code !== 'ERR_SESSION_CONFIG' || !faults) return `it failed (${codeOf(error)})`;
  return faults.map(({ message }) => message).join('; ');
}
