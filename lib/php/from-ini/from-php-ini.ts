import { checkNames, type OptionNames } from '../../errors/check-names.js';
import type { SessionCryptoOptions } from '../../options/options.interface.js';
import type { PhpFinding } from '../ini/php-ini.interface.js';
import { examinePhpIni, NAMES_OF_OPTIONS, type PhpIniOptions } from '../ini/read-php-ini.js';
import { differencesOf } from './differences.js';
import { GivenSettings } from './given-settings.js';
import { addOptionFaults } from './option-faults.js';
import { optionGroupsOf } from './option-groups.js';
import { refuseUnsupported } from './refuse-unsupported.js';
import { readSharedRedis, refuseClient } from './shared-redis.js';

/** Options of {@link fromPhpIni}. */
export interface FromPhpIniOptions extends PhpIniOptions {
  /** The secrets for `crypto.secrets`. PHP's settings have none, because PHP seals nothing. */
  readonly secrets: SessionCryptoOptions['crypto']['secrets'];
  /** True if PHP goes on with the same sessions. They stay unsealed in PHP's files, where both sides read and write them.
   *  docs/php.md lists the promises that do not hold there. @default false: sessions are sealed, and PHP cannot read them */
  readonly sharedUnsealed?: boolean;
  /** A connected client of the package `redis` or `ioredis`, for the server and the database in `session.save_path`. Needed for
   *  `session.save_handler = redis` with {@link sharedUnsealed}. */
  readonly redisClient?: object;
  /** Called for each finding: something that PHP does without a message, or that this package does differently.
   *  @default findings are dropped */
  readonly onFinding?: (finding: PhpFinding) => void;
}

const NAMES: OptionNames<FromPhpIniOptions> = {
  ...NAMES_OF_OPTIONS,
  secrets: true,
  sharedUnsealed: true,
  redisClient: true,
  onFinding: true,
};

/** Returns options for `forRoot` from PHP's session settings: the text of a php.ini, or the result of
 *  `ini_get_all('session')` as JSON or as an object. Only what the source sets becomes an option. For the rest the
 *  defaults of this package hold, which are what PHP's manual recommends, and not PHP's own defaults.
 *
 *  @throws {SessionConfigError} for an unknown option; with all faults of the source, and all settings that this package cannot
 *  follow, each at its line or setting. */
export function fromPhpIni(source: string | object, options: FromPhpIniOptions): SessionCryptoOptions {
  checkNames('fromPhpIni()', options, NAMES);
  const { secrets, sharedUnsealed = false, redisClient, onFinding, ...reading } = options;
  const { settings, places, diagnostics, redis } = examinePhpIni(source, reading);
  const isRedis = settings['session.save_handler'].value === 'redis';
  if (redisClient && !(isRedis && sharedUnsealed)) refuseClient(diagnostics);
  const shared =
    isRedis && sharedUnsealed && redisClient ? readSharedRedis(redis, redisClient, diagnostics) : undefined;
  const given = new GivenSettings(settings, sharedUnsealed, shared);
  refuseUnsupported(given, places, diagnostics);
  const mapped = { crypto: { ...(secrets && { secrets }) }, ...optionGroupsOf(given) };
  addOptionFaults(mapped, places, diagnostics);
  diagnostics.throwFaults();
  for (const finding of [...diagnostics.sortedFindings(), ...differencesOf(given)]) onFinding?.(finding);
  return mapped;
}
