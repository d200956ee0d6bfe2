import { chmod, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionCryptoOptions } from 'nestjs-session-crypto';
import { fileStore, type PhpSerializerName, type SharedUnsealedOptions } from 'nestjs-session-crypto/php';
import type { AdapterName } from '../../support/adapters.js';
import { temporaryFolder } from '../../support/cleanup.js';
import { Client, type Script, ScriptApp } from '../../support/script-app.js';
import { Php, quoted, type Ini } from './php.js';

export interface Sides {
  readonly adapter: AdapterName;
  readonly serializer: PhpSerializerName;
  readonly unsealed?: Partial<SharedUnsealedOptions>;
  readonly options?: Partial<SessionCryptoOptions>;
  readonly ini?: Ini;
  readonly depth?: number;
}

const COOKIE = 'PHPSESSID';

/** A PHP and a Nest application with their sessions in one folder. */
export class TwoSides {
  private constructor(
    readonly php: Php,
    readonly app: ScriptApp,
    /** The session.save_path of PHP. */
    readonly path: string,
  ) {}

  static async start(sides: Sides): Promise<TwoSides> {
    const { adapter, serializer, unsealed, options, ini, depth = 0 } = sides;
    const root = await temporaryFolder();
    const path = join(root, 'sessions');
    await mkdir(path, { mode: 0o700 });
    await makeLevels(path, depth);
    const php = new Php(root, {
      'session.save_path': depth ? `${depth};${path}` : path,
      'session.serialize_handler': serializer,
      'session.use_strict_mode': 1,
      'session.gc_probability': 0,
      ...ini,
    });
    const store = fileStore({ path, depth, sharedUnsealed: { serializer, ...unsealed } });
    const app = await ScriptApp.start({ store, prune: { interval: 0 }, ...options }, adapter);
    return new TwoSides(php, app, path);
  }

  browser(): Browser {
    return new Browser(this, this.app.client());
  }

  /** Returns the names of the session files. */
  files(): Promise<string[]> {
    return readdir(this.path);
  }

  read(id: string): Promise<Buffer> {
    return readFile(join(this.path, `sess_${id}`));
  }
}

/** A browser that visits both sides with one cookie jar. */
export class Browser {
  constructor(
    private readonly sides: { readonly php: Php },
    readonly nest: Client,
  ) {}

  /** The id as PHP knows it. */
  get id(): string {
    return decodeURIComponent(this.nest.jar.get(COOKIE) ?? '');
  }

  /** Visits a page of PHP that has started its session. Its output is JSON. */
  async php(code: string, ini: Ini = {}): Promise<unknown> {
    const { body, cookies } = await this.sides.php.page(`session_start(); ${code}`, this.nest.cookie, ini);
    for (const line of cookies) this.nest.jar.set(COOKIE, /^[^=]+=([^;]*)/.exec(line)![1]!);
    return body === '' ? undefined : JSON.parse(body);
  }

  /** Returns all variables that PHP sees, without the sealed part. */
  seenByPhp(): Promise<unknown> {
    return this.php("unset($_SESSION['_nsc']); echo json_encode($_SESSION); session_abort();");
  }

  visit(script: Script): Promise<unknown> {
    return this.nest.result(script);
  }

  all(): Promise<unknown> {
    return this.visit((session) => session.all());
  }

  copy(): Browser {
    return new Browser(this.sides, this.nest.copy());
  }
}

/** The beginning of a program that uses the session of an id. */
export const startOf = (id: string): string => `session_id(${quoted(id)}); session_start();`;

const LEVELS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,-';

async function makeLevels(path: string, depth: number): Promise<void> {
  if (!depth) return;
  for (const level of LEVELS) {
    const folder = join(path, level);
    await mkdir(folder, { mode: 0o700 });
    await chmod(folder, 0o700);
    await makeLevels(folder, depth - 1);
  }
}
