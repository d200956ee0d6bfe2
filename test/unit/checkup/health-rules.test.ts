import { describe, expect, it } from 'vitest';
import {
  finding,
  HEALTH_RULES,
  sharedStatus,
  worstOf,
  type HealthCode,
} from '../../../lib/checkup/health-rules.js';

describe('the rules of health', () => {
  it('take the worst of all parts', () => {
    expect(worstOf([])).toBe('up');
    expect(worstOf(['up', 'degraded', 'up'])).toBe('degraded');
    expect(worstOf(['degraded', 'down', 'up'])).toBe('down');
  });

  it('take several stores for down only if all are', () => {
    expect(sharedStatus(['down', 'up'])).toBe('degraded');
    expect(sharedStatus(['down', 'degraded'])).toBe('degraded');
    expect(sharedStatus(['down', 'down'])).toBe('down');
    expect(sharedStatus(['degraded', 'up'])).toBe('degraded');
    expect(sharedStatus([])).toBe('up');
  });

  it.each(Object.keys(HEALTH_RULES) as HealthCode[])('fill the sentence of %s with its facts', (code) => {
    const facts = Object.fromEntries(
      [...HEALTH_RULES[code].text.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, 7]),
    );
    expect(finding(code, facts).message).not.toMatch(/[{}]|unknown/);
  });

  it('put no pattern of a fact into the sentence again', () => {
    expect(finding('keys-none', { failure: '$& {failure}' }).message).toBe(
      'There is no key that seals: $& {failure}',
    );
  });
});
