import { Controller, Get, Post, UseGuards, type INestApplication } from '@nestjs/common';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CurrentSession, Session, SessionGuard } from 'nestjs-session-crypto';
import { readSession } from 'nestjs-session-crypto/testing';
import type { Browser, BrowserContext } from 'playwright-core';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAbsent, startChromium } from '../e2e/support/chromium.js';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { startApp } from '../support/test-app.js';
import { root } from './support.js';

const FOLDER = 'test/docs/testing-page';

/** The examples of docs/testing.md; that of Jest is run by nest-11.mjs. */
const examples = [...readFileSync(join(root, 'docs/testing.md'), 'utf8').matchAll(/```ts\n([^]*?)```/g)].map(
  ([, code]) => code!,
);
const exampleOf = (runner: string) => examples.find((code) => code.includes(`from '${runner}'`))!;

/** What a program prints that ends well. */
const run = (program: string, args: readonly string[]) =>
  execFileSync(program, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: 'pipe',
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'test', NO_COLOR: '1' },
  });

beforeAll(() => mkdirSync(join(root, FOLDER), { recursive: true }));
afterAll(() => rmSync(join(root, FOLDER), { recursive: true, force: true }));

describe('docs/testing.md', () => {
  it('has an example that passes in Vitest', () => {
    const file = `${FOLDER}/example.test.ts`;
    writeFileSync(join(root, file), exampleOf('vitest'));
    const tests = exampleOf('vitest').match(/^it\(/gm)!.length;
    const printed = run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', file]);
    expect(printed).toMatch(new RegExp(`Tests +${tests} passed`));
  });

  it.each([
    ['ES modules', ts.ModuleKind.ESNext, 'example.mjs'],
    ['CommonJS', ts.ModuleKind.CommonJS, 'example.cjs'],
  ] as const)('has an example that passes in node:test, as %s', (_, module, name) => {
    const compilerOptions = {
      module,
      target: ts.ScriptTarget.ES2022,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      esModuleInterop: true,
    };
    const { outputText } = ts.transpileModule(exampleOf('node:test'), { compilerOptions });
    writeFileSync(join(root, FOLDER, name), outputText);
    expect(run(process.execPath, ['--test', '--test-reporter=tap', join(FOLDER, name)])).toMatch(
      /^# pass 1$/m,
    );
  });
});

@Controller()
class ShopController {
  @Get('account')
  @UseGuards(SessionGuard)
  account(@CurrentSession() session: Session) {
    return session.subject;
  }

  @Post('cart')
  add(@CurrentSession() session: Session) {
    session.set('cart', ['tea']);
  }
}

type LogIn = (app: INestApplication, browser: BrowserContext, subject: string) => Promise<void>;

describe.skipIf(chromiumAbsent)('the example of docs/testing.md for Playwright', () => {
  let browser: Browser;
  let logIn: LogIn;

  beforeAll(async () => {
    const file = join(root, FOLDER, 'playwright.ts');
    writeFileSync(file, exampleOf('playwright-core'));
    ({ logIn } = (await import(pathToFileURL(file).href)) as { logIn: LogIn });
    browser = await startChromium();
  });
  afterAll(() => browser?.close());

  it.each(ADAPTER_NAMES)('logs a browser in, and its requests, on %s', async (adapter) => {
    const { app, url } = await startApp({ adapter, session: {}, controllers: [ShopController] });
    const context = await browser.newContext({ baseURL: url });
    await logIn(app, context, 'ada');
    const page = await context.newPage();
    await page.goto('/account');
    expect(await page.textContent('body')).toBe('ada');
    const session = await readSession(app, await context.request.post('/cart'));
    expect([session?.subject, session?.get('cart')]).toEqual(['ada', ['tea']]);
    await context.close();
  });
});
