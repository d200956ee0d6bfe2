import { describe, expect, it } from 'vitest';
import { fromPhpIni, type FromPhpIniOptions } from 'nestjs-session-crypto/php';

const secrets = [`hex:${'11'.repeat(32)}`];

function from(text: string, more: Partial<FromPhpIniOptions> = {}) {
  const said: string[] = [];
  const onFinding = ({ at, message }: { at: string; message: string }) => void said.push(`${at}: ${message}`);
  const options = fromPhpIni(text, { secrets, onFinding, ...more });
  return { options, said: said.join('\n') };
}

describe('a value of PHP that no option has', () => {
  it('is cut to ten years in session.gc_maxlifetime, with a finding at its line', () => {
    const { options, said } = from('session.gc_maxlifetime = 2147483647');
    expect(options.session).toEqual({ idleTimeout: 315_360_000 });
    expect(said).toContain(
      'php.ini line 1: session.gc_maxlifetime is 2147483647; the longest idle timeout here is 315360000 seconds (ten years), which is used',
    );
    expect(from('session.gc_maxlifetime = 315360000').said).not.toContain('longest idle timeout');
  });

  it('is cut to ten years in session.cache_expire', () => {
    const { options, said } = from('session.cache_expire = 5256001');
    expect(options.cache).toEqual({ expire: 5_256_000 });
    expect(said).toContain('session.cache_expire is 5256001; the longest time here is 5256000 minutes');
    expect(from('session.cache_expire = 5256000').said).not.toContain('cache_expire');
  });

  it.each([
    [1, 2_147_483_647, { probability: 1, divisor: 1_000_000 }],
    [1000, 2_000_000, { probability: 500, divisor: 1_000_000 }],
    [2_147_483_647, 1, { probability: 1_000_000, divisor: 1 }],
    [0, 2_000_000, { probability: 0, divisor: 1_000_000 }],
    [1_000_000, 1_000_000, { probability: 1_000_000, divisor: 1_000_000 }],
  ])('keeps the share of %i in %i requests, as far as it can', (probability, divisor, used) => {
    const { options, said } = from(
      `session.gc_probability = ${probability}\nsession.gc_divisor = ${divisor}`,
    );
    expect(options.prune).toEqual(used);
    for (const [name, given, value] of [
      ['probability', probability, used.probability],
      ['divisor', divisor, used.divisor],
    ] as const)
      expect(said.includes(`session.gc_${name} is ${given}; the largest number here is 1000000, so ${value} is used`)).toBe(given !== value); // prettier-ignore
  });

  it('is at most 4 levels of folders for sealed files', () => {
    const { said } = from('session.save_path = "5;/srv/s"');
    expect(said).toContain(
      'session.save_path has a depth of 5; sealed files have at most 4 levels of folders, which are used',
    );
    expect(from('session.save_path = "4;/srv/s"').said).not.toContain('levels');
  });

  it.each([
    ['0644', '0640'],
    ['7777', '0660'],
    ['0601', '0600'],
  ])('is a mode such as %s, of which %s is left, sealed and shared', (mode, used) => {
    for (const sharedUnsealed of [false, true])
      expect(from(`session.save_path = "0;${mode};/srv/s"`, { sharedUnsealed }).said).toContain(
        `session.save_path has a mode with more rights than files have here; ${used} is used, with which other users have no access`,
      );
  });

  it('is none of the modes without rights for other users', () => {
    for (const mode of ['0600', '0620', '0640', '0660'])
      expect(from(`session.save_path = "0;${mode};/srv/s"`).said).not.toContain('more rights');
  });
});
