import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { SessionConfigError } from 'nestjs-session-crypto';
import { readPhpIni } from 'nestjs-session-crypto/php';
import { sessionIdFromBytes } from '../../../../lib/php/shared/session-id.js';
import type { Outcome, PhpCase, Rule } from '../php-session.js';

type SidSetting = 'session.sid_length' | 'session.sid_bits_per_character';

interface SidRangeCase extends PhpCase {
  readonly setting: SidSetting;
  readonly value: string;
  readonly accepted: boolean;
  readonly effective: string;
  readonly id_len: number;
}

const TOO_FEW_BITS: Rule = {
  name: 'ids have 128 bits or more',
  reason: 'PHP takes each length of 22 and more with 4 bits a character, which is 88 bits and can be guessed',
};

/** The value of the other setting with which every value in the range gives 128 bits or more. */
const ENOUGH: Readonly<Record<SidSetting, Readonly<Record<string, string>>>> = {
  'session.sid_length': { 'session.sid_bits_per_character': '6' },
  'session.sid_bits_per_character': { 'session.sid_length': '32' },
};

/** Checks which lengths and alphabets of ids are accepted, and the ids that they give. */
export function checkSidSettingRange(vector: SidRangeCase): Outcome {
  const { setting, value, accepted, effective, id_len } = vector;
  const alone = settingsWith({ [setting]: value });
  if (!alone && accepted) {
    const bits = id_len * (setting === 'session.sid_length' ? 4 : Number(effective));
    expect(bits).toBeLessThan(128);
    expect(settingsWith({ [setting]: value, ...ENOUGH[setting] })).toBeDefined();
    return TOO_FEW_BITS;
  }
  expect(alone !== undefined).toBe(accepted);
  if (!alone) return 'same';
  const [length, each] = [alone['session.sid_length'].value, alone['session.sid_bits_per_character'].value];
  expect(alone[setting].value).toBe(Number(effective));
  expect(sessionIdFromBytes(randomBytes(length), length, each as 4 | 5 | 6)).toHaveLength(id_len);
  return 'same';
}

function settingsWith(ini: Readonly<Record<string, string>>) {
  try {
    return readPhpIni(ini, {}).settings;
  } catch (error) {
    if (error instanceof SessionConfigError) return undefined;
    throw error;
  }
}
