#!/usr/bin/env node
// The packed package in an application of another age: CommonJS, Nest 11, TypeScript 5.9, types checked throughout.
// Installs into a temporary folder, so it is run by CI and not by `npm test`.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'session-crypto-nest11-'));
const run = (program, ...args) =>
  execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });

const APP = `
import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { CurrentSession, Session, SessionCryptoModule } from 'nestjs-session-crypto';
import { storeContract } from 'nestjs-session-crypto/testing';

@Controller()
class AppController {
  @Get()
  count(@CurrentSession() session: Session): string {
    return String(session.increment('visits'));
  }
}

@Module({
  imports: [SessionCryptoModule.forRoot({ crypto: { secrets: ['a passphrase for this test'] } })],
  controllers: [AppController],
})
class AppModule {}

async function visits(adapter: ExpressAdapter | FastifyAdapter): Promise<string> {
  const app = await NestFactory.create(AppModule, adapter, { logger: ['error'] });
  await app.listen(0, '127.0.0.1');
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  const first = await fetch(url);
  const cookie = first.headers.getSetCookie()[0]!.split(';')[0]!;
  const second = await fetch(url, { headers: { cookie } });
  const seen = (await first.text()) + (await second.text());
  await app.close();
  return seen;
}

async function main(): Promise<void> {
  const seen = [await visits(new ExpressAdapter()), await visits(new FastifyAdapter()), storeContract.length > 0];
  if (seen.join() !== '12,12,true') throw new Error(seen.join());
}
main().catch((error) => {
  console.error(error);
  process.exit(1);
});
`;

const compilerOptions = (module, moduleResolution) => ({
  compilerOptions: {
    target: 'ES2022',
    module,
    moduleResolution,
    strict: true,
    skipLibCheck: false,
    esModuleInterop: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    outDir: 'out',
    types: ['node'],
  },
  files: ['app.ts'],
});

try {
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
    stdio: 'ignore',
  });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  writeFileSync(join(folder, 'app.ts'), APP);
  const nest = ['common', 'core', 'platform-express', 'platform-fastify'].map((name) => `@nestjs/${name}@11`);
  const others = ['reflect-metadata', 'rxjs@7', 'typescript@5.9', '@types/node@20', '@types/express@5'];
  run('npm', 'install', '--no-fund', '--no-audit', '--loglevel=error', ...nest, ...others, `./${tarball}`);
  for (const [module, resolution] of [
    ['commonjs', 'node10'],
    ['nodenext', 'nodenext'],
  ]) {
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(compilerOptions(module, resolution)));
    execFileSync('npx', ['tsc', '-p', '.'], { cwd: folder, stdio: 'inherit' });
    execFileSync(process.execPath, ['out/app.js'], { cwd: folder, stdio: 'inherit' });
    console.log(`Nest 11, ${module} with ${resolution}: types and both adapters are fine`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
