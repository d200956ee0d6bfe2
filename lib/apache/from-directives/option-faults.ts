import type { SessionCryptoOptions } from '../../options/options.interface.js';
import { faultsOf, sourcesOf, type OptionSources } from '../../options/option-faults.js';
import { nameOf } from '../directives/directive-names.js';
import type { Diagnostics } from '../directives/diagnostics.js';
import type {
  DirectiveContext,
  DirectiveModel,
  EffectiveConfig,
  Settings,
} from '../directives/model.interface.js';
import { baseOf } from './options-mapper.js';

type Key = keyof Settings;

/** The settings that make an option, by the beginning of the option's path. The first that is written counts. */
const SOURCES: OptionSources<Key> = [
  ['cookie.lifetime', ['maxAge', 'cookie', 'dbdCookie']],
  ['cookie', ['cookie', 'dbdCookie']],
  ['session.idleTimeout', ['maxAge']],
  ['session.touchInterval', ['updateInterval', 'maxAge']],
  ['session.include', ['includes']],
  ['session.exclude', ['excludes']],
  ['crypto.format.secrets', ['passphrases']],
  ['crypto.format.cipher', ['cipher']],
  ['crypto.format.header', ['header']],
  ['crypto.format.auth', ['authName']],
];

/** Adds each fault that the start would find in the options, at the line that makes the option. A fault of an option that
 *  no line makes is left to the start, because the caller may still set that option. */
export function addOptionFaults(
  options: SessionCryptoOptions,
  model: DirectiveModel,
  diagnostics: Diagnostics,
): void {
  for (const { path, message } of faultsOf(options)) {
    const source = sourceOf(path, model);
    if (source && !diagnostics.hasFault(source.line, source.name))
      diagnostics.addFault(source.line, `${source.name}: ${source.option} ${message}${source.remedy ?? ''}`);
  }
}

/** The place in the text that makes an option. */
interface Source {
  readonly line: number;
  /** A directive, or the section of a context. */
  readonly name: string;
  /** The option path without the context. */
  readonly option: string;
  /** The remedy in httpd's words, where that of the option needs a translation. */
  readonly remedy?: string;
}

function sourceOf(path: string, model: DirectiveModel): Source | undefined {
  const [, index, inner] = /^contexts\[(\d+)\]\.?(.*)$/.exec(path) ?? [];
  const context = index === undefined ? undefined : model.contexts[Number(index)];
  const option = inner ?? path;
  if (option === 'host') return undefined; // check-hosts.ts reports it, at the line of the name
  const ofDriver = option.startsWith('crypto.driver') && model.driver;
  if (ofDriver) return { line: ofDriver.line, name: 'SessionCryptoDriver', option };
  return sourceIn(context?.config ?? baseOf(model), option) ?? (context && sectionOf(context, option));
}

function sourceIn(config: EffectiveConfig, option: string): Source | undefined {
  const key = sourcesOf(option, SOURCES).find((one) => config.lines[one] !== undefined);
  if (!key) return undefined;
  return { line: lineIn(config, key, option), name: nameOf(key), option };
}

/** Returns the line of one item of a list, or of the setting. */
function lineIn(config: EffectiveConfig, key: Key, option: string): number {
  const index = Number(/\[(\d+)\]/.exec(option)?.[1] ?? 0);
  const value: unknown = config[key];
  const item = Array.isArray(value) ? (value[index] as { readonly line: number } | undefined) : undefined;
  return item?.line ?? config.lines[key]!;
}

const sectionOf = ({ line }: DirectiveContext, option: string): Source => ({
  line,
  name: 'this place',
  option: option || 'as a context,',
  ...(!option && {
    remedy: ' (in httpd: a SessionCookieName of its own, or a path= that only this place serves)',
  }),
});
