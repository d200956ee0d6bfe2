import { describe, expect, it } from 'vitest';
import { fromPhpIni } from 'nestjs-session-crypto/php';

const secrets = [`hex:${'11'.repeat(32)}`];

describe('sessions that PHP shares', () => {
  it('have no absolute timeout, as in PHP', () => {
    const text = 'session.save_path = /srv/s\nsession.gc_maxlifetime = 600';
    const shared = fromPhpIni(text, { secrets, sharedUnsealed: true });
    expect(shared.session).toEqual({ idleTimeout: 600, absoluteTimeout: 0 });
    expect(fromPhpIni(text, { secrets }).session).toEqual({ idleTimeout: 600 });
  });
});
