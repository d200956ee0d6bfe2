import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findPhp } from './find-php.mjs';

export type Ini = Readonly<Record<string, string | number>>;

/** What a page answered. */
export interface Page {
  /** Set-Cookie lines. */
  readonly cookies: readonly string[];
  readonly body: string;
}

/** A PHP with a folder for its sessions. Its compiled settings hold, and what is said here. */
export class Php {
  private pages = 0;

  constructor(
    private readonly folder: string,
    private readonly ini: Ini,
  ) {}

  /** Runs `code` as a page that a browser asks for, with the cookies that it brings. */
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

  /** What a program prints. */
  run(code: string, ini: Ini = {}): Promise<string> {
    return outputOf(this.start(code, ini));
  }

  /** A program that runs beside the test and reads what it is told. */
  start(code: string, ini: Ini = {}): ChildProcessWithoutNullStreams {
    const program = { 'session.use_cookies': 0, 'session.use_only_cookies': 0, 'session.cache_limiter': '' };
    return spawn(findPhp()!.program, [...this.arguments({ ...program, ...ini }), '-r', code]);
  }

  private arguments(ini: Ini): string[] {
    const all = { display_errors: 'stderr', error_reporting: 32_767, ...this.ini, ...ini };
    return ['-n', ...Object.entries(all).flatMap(([name, value]) => ['-d', `${name}=${value}`])];
  }
}

/** All that it prints. Rejects when it fails, or complains. */
export async function outputOf(child: ChildProcessWithoutNullStreams): Promise<string> {
  const [out, complaints]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => complaints.push(bytes));
  const [status] = (await once(child, 'close')) as [number | null];
  const said = Buffer.concat(complaints).toString();
  if (status !== 0 || said) throw new Error(`PHP ended with ${status}: ${said}`);
  return Buffer.concat(out).toString();
}

/** A text of PHP in quotes that mean nothing else. */
export const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
