import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findPhp } from './find-php.mjs';

export type Ini = Readonly<Record<string, string | number>>;

/** The response of a page. */
export interface Page {
  /** The Set-Cookie lines. */
  readonly cookies: readonly string[];
  readonly body: string;
}

/** A PHP with a folder for its sessions. It has its compiled settings and those of the constructor. */
export class Php {
  private pages = 0;

  constructor(
    private readonly folder: string,
    private readonly ini: Ini,
    /** Extensions that are loaded, in this order. */
    private readonly extensions: readonly string[] = [],
  ) {}

  /** Runs `code` as a page for a request with these cookies. */
  async page(code: string, cookie = '', ini: Ini = {}): Promise<Page> {
    const script = join(this.folder, `page-${this.pages++}.php`);
    await writeFile(script, `<?php ${code}`);
    const child = spawn(findPhp()!.page, this.arguments(ini), {
      env: {
        GATEWAY_INTERFACE: 'CGI/1.1',
        REDIRECT_STATUS: '200',
        REQUEST_METHOD: 'GET',
        SCRIPT_FILENAME: script,
        SERVER_PROTOCOL: 'HTTP/1.1',
        ...(cookie && { HTTP_COOKIE: cookie }),
      },
    });
    const output = await outputOf(child);
    const [head = '', ...body] = output.split('\r\n\r\n');
    const lines = head.split('\r\n').filter((line) => /^Set-Cookie: /i.test(line));
    return { cookies: lines.map((line) => line.slice('Set-Cookie: '.length)), body: body.join('\r\n\r\n') };
  }

  /** Runs a program and returns its output. */
  run(code: string, ini: Ini = {}): Promise<string> {
    return outputOf(this.start(code, ini));
  }

  /** Starts a program that runs beside the test and reads its standard input. */
  start(code: string, ini: Ini = {}): ChildProcessWithoutNullStreams {
    const program = { 'session.use_cookies': 0, 'session.use_only_cookies': 0, 'session.cache_limiter': '' };
    return spawn(findPhp()!.program, [...this.arguments({ ...program, ...ini }), '-r', code]);
  }

  private arguments(ini: Ini): string[] {
    const all = { display_errors: 'stderr', error_reporting: 32_767, ...this.ini, ...ini };
    const loaded = this.extensions.flatMap((name) => ['-d', `extension=${name}`]);
    return ['-n', ...loaded, ...Object.entries(all).flatMap(([name, value]) => ['-d', `${name}=${value}`])];
  }
}

/** Returns all output of a program. Rejects if it fails or prints a warning. */
export async function outputOf(child: ChildProcessWithoutNullStreams): Promise<string> {
  const [out, complaints]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => complaints.push(bytes));
  const [status] = (await once(child, 'close')) as [number | null];
  const said = Buffer.concat(complaints).toString();
  if (status !== 0 || said) throw new Error(`PHP ended with ${status}: ${said}`);
  return Buffer.concat(out).toString();
}

/** Returns a text as a literal of PHP. */
export const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
