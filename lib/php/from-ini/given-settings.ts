import type { Place } from '../ini/diagnostics.js';
import type { PhpSettings } from '../ini/php-ini.interface.js';
import type { SettingName } from '../ini/settings-table.js';
import type { SharedRedis } from './shared-redis.js';

/** Adds a finding: the name of the setting and the rest of the sentence. */
export type AddFinding = (name: SettingName, rest: string) => void;

/** The settings that the source sets, without PHP's defaults, so that the defaults of this package remain for the rest. */
export class GivenSettings {
  constructor(
    private readonly settings: PhpSettings,
    /** True if PHP goes on with the same sessions (`sharedUnsealed`). */
    readonly shared: boolean,
    /** The sessions that PHP keeps in Redis, if they are shared. */
    readonly redis?: SharedRedis,
  ) {}

  /** Returns the value of a setting, or `undefined` if the source does not set it. */
  get<N extends SettingName>(name: N): PhpSettings[N]['value'] | undefined {
    const { value, given } = this.settings[name];
    return given ? value : undefined;
  }

  /** True if the source sets a setting to a text that is not empty, such as `Off`. */
  isWritten(name: SettingName): boolean {
    return this.settings[name].given && !this.settings[name].empty;
  }

  /** Returns the value of a setting, or PHP's default if the source does not set it. */
  getOrDefault<N extends SettingName>(name: N): PhpSettings[N]['value'] {
    return this.settings[name].value;
  }

  /** True if PHP keeps its sessions in Redis. */
  get usesRedis(): boolean {
    return this.get('session.save_handler') === 'redis';
  }

  /** True if the source sets the folder for sessions. */
  get hasFolder(): boolean {
    return Boolean(this.get('session.save_path')?.path);
  }

  /** Returns the place of a setting: `php.ini line 3`, or its name if the source is not a text or does not set it. */
  placeOf(name: SettingName): Place['at'] {
    return this.settings[name].at ?? name;
  }
}
