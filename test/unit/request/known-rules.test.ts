import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const KNOWN = Symbol.for('nestjs-session-crypto/known-rules');
const before = Reflect.get(globalThis, KNOWN) as unknown;

/** Another copy of the module. */
const copy = () => {
  vi.resetModules();
  return import('../../../lib/request/known-rules.js');
};

describe('the known rules of routes', () => {
  beforeEach(() => void Reflect.deleteProperty(globalThis, KNOWN));
  afterEach(() => void Reflect.set(globalThis, KNOWN, before));

  it('exist once one was noted, in every copy of the package', async () => {
    const { noteRules } = await copy();
    expect(noteRules()).toBe(false);
    expect((await copy()).rulesExist()).toBe(true);
  });

  it('bring their own guard where somebody was told that there are none', async () => {
    const { rulesExist } = await copy();
    expect(rulesExist()).toBe(false);
    expect((await copy()).noteRules()).toBe(true);
    expect(rulesExist()).toBe(true);
  });
});
