import { randomBytes } from 'node:crypto';
import { fromPhpIni } from 'nestjs-session-crypto/php';
import type { AdapterName } from '../../support/adapters.js';
import { temporaryFolder } from '../../support/cleanup.js';
import { SINGLE, type Connected } from '../../support/redis-clients.js';
import { ScriptApp } from '../../support/script-app.js';
import { SECRET } from '../../support/test-app.js';
import { REDIS_EXTENSIONS } from './find-php.mjs';
import { Php, type Ini } from './php.js';
import { Browser } from './two-sides.js';

export interface RedisSidesPlan {
  readonly adapter: AdapterName;
  readonly port: number;
  /** A client of {@link SINGLE}. */
  readonly client: string;
  readonly serializer?: string;
  /** PHP's own lock. @default true */
  readonly locks?: boolean;
  /** Seconds after which PHP's lock ends, so that PHP asks whether it still has it. @default 30 */
  readonly lockExpire?: number;
  readonly prefix?: string;
  readonly commitTimeout?: number;
}

/** A PHP and a Nest application with their sessions in one Redis. The application has its options from the settings of PHP. */
export class RedisSides {
  private constructor(
    readonly php: Php,
    readonly app: ScriptApp,
    readonly connected: Connected,
    readonly prefix: string,
    readonly findings: readonly string[],
  ) {}

  static async start(plan: RedisSidesPlan): Promise<RedisSides> {
    const {
      adapter,
      port,
      client,
      serializer = 'php',
      locks = true,
      lockExpire = 30,
      commitTimeout = 20,
    } = plan;
    const prefix = plan.prefix ?? `php-${randomBytes(4).toString('hex')}:`;
    const ini: Ini = {
      'session.save_handler': 'redis',
      'session.save_path': `"tcp://127.0.0.1:${port}?prefix=${encodeURIComponent(prefix)}"`,
      'session.serialize_handler': serializer,
      'session.use_strict_mode': 1,
      'session.gc_probability': 0,
      'session.gc_maxlifetime': 1440,
      'session.sid_length': 48,
      'session.sid_bits_per_character': 6,
      'redis.session.locking_enabled': locks ? 1 : 0,
      'redis.session.lock_expire': lockExpire,
      'redis.session.lock_retries': 1000,
      'redis.session.lock_wait_time': 2000,
    };
    const php = new Php(await temporaryFolder(), ini, REDIS_EXTENSIONS);
    const connected = await SINGLE[client]!(port);
    const findings: string[] = [];
    const text = Object.entries(ini).map(([name, value]) => `${name} = ${value}`);
    const options = fromPhpIni(text.join('\n'), {
      secrets: [SECRET],
      sharedUnsealed: true,
      redisClient: connected.client,
      onFinding: ({ message }) => findings.push(message),
    });
    const session = { ...options.session, commitTimeout };
    const app = await ScriptApp.start({ ...options, session, prune: { interval: 0 } }, adapter);
    return new RedisSides(php, app, connected, prefix, findings);
  }

  browser(): Browser {
    return new Browser(this, this.app.client());
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.connected.close();
  }
}
