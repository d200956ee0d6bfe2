import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { SESSION_EVENTS } from 'nestjs-session-crypto';

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

/** The rows of the table of events: each name with the names of its payload. */
const documented = [...read('docs/operations.md').matchAll(/^\| `(\w+)` +\| ([^|]+) \|[^|]+\|[^|]+\|$/gm)]
  .map(([, name, payload]) => ({ name, payload: [...payload!.matchAll(/`(\w+)`/g)].map(([, key]) => key) }))
  .filter(({ payload }) => payload[0] === 'session');

/** The members of every declaration of SessionEventMap in a file. */
function declared(path: string) {
  const members: { name: string; payload: string[] }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isInterfaceDeclaration(node) && node.name.text === 'SessionEventMap')
      for (const member of node.members)
        members.push({ name: nameOf(member), payload: payloadOf((member as ts.PropertySignature).type!) });
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true));
  return members;
}

const nameOf = ({ name }: ts.TypeElement): string => (name as ts.Identifier).text;
const payloadOf = (type: ts.TypeNode): string[] => (type as ts.TypeLiteralNode).members.map(nameOf);

describe('the table of events in docs/operations.md', () => {
  it('has every event once, in the order of SESSION_EVENTS', () => {
    expect(documented.map(({ name }) => name)).toEqual(SESSION_EVENTS);
  });

  it('names the payload of every event as the code declares it', () => {
    expect(documented).toEqual([
      ...declared('lib/persistence/session-events.ts'),
      ...declared('lib/remember-me/remember-me.events.ts'),
    ]);
  });
});
