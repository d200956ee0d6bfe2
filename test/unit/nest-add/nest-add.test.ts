import { describe, expect, it } from 'vitest';
import { nestAdd, type NestAddOptions } from '../../../lib/nest-add/nest-add.js';
import type { ProjectFolder, ProjectTree } from '../../../lib/nest-add/project.interface.js';

const APP = `import { Module } from '@nestjs/common';
import { AppController } from './app.controller';

@Module({
  imports: [],
  controllers: [AppController],
})
export class AppModule {}
`;

/** A project in memory, as a schematic's tree shows it. */
class Project implements ProjectTree {
  readonly files: Map<string, string>;

  constructor(files: Readonly<Record<string, string>> = {}) {
    const usual = { '/package.json': '{}', '/.gitignore': 'dist\n.env\n', '/src/app.module.ts': APP };
    this.files = new Map(Object.entries({ ...usual, ...files }));
  }

  exists = (path: string): boolean => this.files.has(path);
  readText = (path: string): string => this.files.get(path)!;
  create = (path: string, content: string): void => void this.files.set(path, content);
  overwrite = this.create;

  getDir = (path: string): ProjectFolder => {
    const below = [...this.files.keys()].filter((file) => file.startsWith(`${path}/`));
    const names = below.map((file) => file.slice(path.length + 1).split('/'));
    const subdirs = [...new Set(names.filter((one) => one.length > 1).map(([name]) => name!))];
    const subfiles = names.filter((one) => one.length === 1).map(([name]) => name!);
    return { subfiles, subdirs, dir: (name) => this.getDir(`${path}/${name}`) };
  };

  /** Runs `nest add` and returns what it prints. */
  add(options: NestAddOptions = {}): string {
    const printed: string[] = [];
    const print = (text: string): void => void printed.push(text);
    nestAdd(options)(this, { logger: { info: print, warn: print } });
    return printed.join('\n');
  }

  get module(): string {
    return this.readText('/src/app.module.ts');
  }
}

/** A project with a ConfigModule, after `nest add`. */
function withConfig(options: string): Project {
  const source = APP.replace('imports: []', `imports: [ConfigModule.forRoot(${options})]`);
  const project = new Project({ '/src/app.module.ts': source });
  project.add();
  return project;
}

const SECRET = /^SESSION_SECRET=raw:[A-Za-z0-9_-]{43}$/m;
const TYPEORM = '{ "dependencies": { "@nestjs/typeorm": "12" } }';

describe('nest add', () => {
  it('puts the module at the end of the imports of AppModule', () => {
    const project = new Project();
    project.add();
    expect(project.module).toBe(`import { Module } from '@nestjs/common';
import { AppController } from './app.controller';
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { SessionCryptoModule } from 'nestjs-session-crypto';

// A server can have SESSION_SECRET in its environment instead.
const { SESSION_SECRET } = {
  ...(existsSync('.env') && parseEnv(readFileSync('.env', 'utf8'))),
  ...process.env,
};

@Module({
  imports: [
    SessionCryptoModule.forRoot({
      crypto: { secrets: [SESSION_SECRET] },
    }),
  ],
  controllers: [AppController],
})
export class AppModule {}
`);
  });

  it('quotes as the file does, and keeps its line ends', () => {
    const project = new Project({ '/src/app.module.ts': APP.replaceAll("'", '"').replaceAll('\n', '\r\n') });
    project.add();
    expect(project.module).toContain('import { SessionCryptoModule } from "nestjs-session-crypto";\r\n');
    expect(project.module).not.toMatch(/'|[^\r]\n/);
  });

  it.each(['', '{ isGlobal: true }', "{ envFilePath: '.env' }", "{ envFilePath: ['.env.local', './.env'] }"])(
    'leaves .env to a ConfigModule that reads it, and stands behind it: forRoot(%s)',
    (options) => {
      const project = withConfig(options);
      expect(project.module).not.toContain('parseEnv');
      expect(project.module).toMatch(/\), SessionCryptoModule\.forRoot\(.+process\.env\.SESSION_SECRET/s);
    },
  );

  it.each(['{ ignoreEnvFile: true }', "{ envFilePath: '.env.local' }", '{ envFilePath: PATH }'])(
    'reads .env beside a ConfigModule that does not: forRoot(%s)',
    (options) => expect(withConfig(options).module).toContain("parseEnv(readFileSync('.env', 'utf8'))"),
  );

  it('imports a name once', () => {
    const source = `import { existsSync } from 'node:fs';\n${APP}`;
    const project = new Project({ '/src/app.module.ts': source });
    project.add();
    expect(project.module).toContain("import { readFileSync } from 'node:fs';\n");
    expect(project.module.match(/import .*existsSync/g)).toHaveLength(1);
  });

  it('changes nothing where the module is, in whatever file', () => {
    const other = 'export const sessions = SessionCryptoModule.forRootAsync({});\n';
    const project = new Project({ '/src/web/sessions.ts': other });
    expect(project.add()).toBe(
      'src/web/sessions.ts has SessionCryptoModule.forRoot() already; nothing is changed.',
    );
    expect([project.module, project.exists('/.env')]).toEqual([APP, false]);
  });

  it('changes nothing the second time', () => {
    const project = new Project();
    project.add();
    const files = new Map(project.files);
    project.add();
    expect(project.files).toEqual(files);
  });

  it('takes a comment for no call', () => {
    const project = new Project({ '/src/notes.ts': '// SessionCryptoModule.forRoot() comes later\n' });
    project.add();
    expect(project.module).toContain('SessionCryptoModule.forRoot(');
  });

  it.each([
    ['a name for its imports', APP.replace('imports: []', 'imports: shared')],
    ['imports in short', APP.replace('imports: []', 'imports')],
    ['imports in quotes, by a name', APP.replace('imports: []', "'imports': shared")],
    ['properties of another object', APP.replace('imports: []', '...base')],
    [
      'properties of another object behind its imports',
      APP.replace('controllers: [', '...base, controllers: ['),
    ],
    ['options by a name', APP.replace(/@Module\([^]*?\)\n/, '@Module(options)\n')],
    ['another module beside it', `${APP}\n@Module({ imports: [] })\nexport class Other {}\n`],
  ])('refuses a module with %s, and writes nothing', (_, source) => {
    const project = new Project({ '/src/app.module.ts': source });
    expect(() => project.add()).toThrow('src/app.module.ts has not exactly one @Module({ imports: [...] })');
    expect(project.module).toBe(source);
    expect(project.exists('/.env')).toBe(false);
  });

  it('refuses a file that is not there', () => {
    expect(() => new Project().add({ module: 'src/root.ts' })).toThrow('src/root.ts is not there');
  });

  it.each([
    ['no imports', APP.replace('  imports: [],\n', '')],
    ['a list of others inside', APP.replace('imports: []', 'imports: [...shared]')],
    ['imports in quotes', APP.replace('imports', "'imports'")],
  ])('changes a module with %s', (_, source) => {
    const project = new Project({ '/src/app.module.ts': source });
    project.add();
    expect(project.module.match(/imports'?: \[/g)).toHaveLength(1);
    expect(project.module).toContain('SessionCryptoModule.forRoot(');
  });

  it.each([
    ['stor', { stor: 'postgres' }, 'nest add.stor: is unknown; is "store" meant?'],
    ['store', { store: 'mysql' }, 'nest add --store: is "mysql"; allowed are cookie and postgres'],
    ['a store without TypeORM', { store: 'postgres' }, 'package.json has no @nestjs/typeorm'],
  ])('refuses %s', (_, options, message) => {
    expect(() => new Project().add(options as NestAddOptions)).toThrow(message);
  });

  it('takes the flags of the CLI for none of its own', () => {
    expect(new Project().add({ skipInstall: true, dryRun: true, s: true } as NestAddOptions)).toContain(
      'Left',
    );
  });
});

describe('the secret of nest add', () => {
  const envAfter = (env: string): string => {
    const project = new Project({ '/.env': env });
    project.add();
    return project.readText('/.env');
  };

  it('is in a new .env, another each time', () => {
    const [first, second] = [new Project(), new Project()];
    for (const project of [first, second]) project.add();
    expect(first.readText('/.env')).toMatch(SECRET);
    expect(first.readText('/.env')).not.toBe(second.readText('/.env'));
  });

  it('stands behind what .env has', () => {
    expect(envAfter('A=1')).toMatch(/^A=1\nSESSION_SECRET=raw:.{43}\n$/);
  });

  it.each(['SESSION_SECRET=mine\n', 'export SESSION_SECRET = mine'])('is not replaced: %s', (env) => {
    expect(envAfter(env)).toBe(env);
  });

  it('is not printed', () => {
    const project = new Project();
    expect(project.add()).not.toContain(SECRET.exec(`${project.readText('/.env')}`)![0].slice(20));
  });

  it.each([
    ['.env\n', false],
    ['/.env*\r\n', false],
    ['', true],
    ['# .env\n', true],
    ['.env\n!.env\n', true],
    ['.env.local\n', true],
  ])('with the .gitignore %j: a warning %s', (gitignore, warns) => {
    const printed = new Project({ '/.gitignore': gitignore }).add();
    expect(printed.includes('add the line .env to .gitignore')).toBe(warns);
  });
});

describe('nest add beside TypeORM', () => {
  it('makes the migration, and says that the sessions are in the cookie', () => {
    const project = new Project({ '/package.json': TYPEORM });
    expect(project.add()).toMatch(/Add src\/migrations\/1767225600000-create-session-table\.ts to the migr/);
    expect(project.readText('/src/migrations/1767225600000-create-session-table.ts')).toContain(
      'export class CreateSessionTable1767225600000 extends sessionMigration() {}',
    );
    expect(project.module).not.toContain('typeOrmStore');
  });

  it('puts the migration beside the others', () => {
    const project = new Project({ '/package.json': TYPEORM, '/src/db/migrations/1-a.ts': '' });
    project.add();
    expect(project.exists('/src/db/migrations/1767225600000-create-session-table.ts')).toBe(true);
  });

  it('makes none where there is one', () => {
    const project = new Project({ '/package.json': TYPEORM, '/src/db.ts': 'x = [sessionMigration()];' });
    expect(project.add()).not.toContain('create-session-table');
  });

  it('puts the sessions into Postgres where that is asked', () => {
    const project = new Project({ '/package.json': TYPEORM });
    project.add({ store: 'postgres' });
    expect(project.module).toContain("import { typeOrmStore } from 'nestjs-session-crypto/typeorm';\n");
    expect(project.module).toContain('SESSION_SECRET] },\n      store: typeOrmStore(),\n    }),');
  });
});
