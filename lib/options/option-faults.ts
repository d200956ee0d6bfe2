import { SessionConfigError, type ConfigFault } from '../errors/session-config.error.js';
import type { SessionCryptoOptions } from './options.interface.js';
import { resolveOptions } from './resolve-options.js';

/** Returns the faults that the start would find in options that were read from a configuration of another program. */
export function faultsOf(options: SessionCryptoOptions): readonly ConfigFault[] {
  try {
    resolveOptions(options);
    return [];
  } catch (error) {
    if (error instanceof SessionConfigError) return error.faults;
    throw error;
  }
}

/** What makes an option, by the beginning of the option's path. */
export type OptionSources<S> = readonly (readonly [start: string, sources: readonly S[]])[];

/** Returns what makes the option of a path: the first entry that is the option itself or holds it. */
export function sourcesOf<S>(path: string, table: OptionSources<S>): readonly S[] {
  const isAt = (start: string) => path === start || /^[.[]/.test(path.slice(start.length));
  return table.find(([start]) => path.startsWith(start) && isAt(start))?.[1] ?? [];
}
