import { describe, expect, it } from 'vitest';
import {
  EngineSwitch,
  isEngine,
  processEngine,
  testEngine,
  type EngineHost,
} from '../../../../../lib/crypto/drivers/openssl/openssl-engine.js';
import { OPENSSL } from '../../../../../lib/crypto/drivers/openssl/openssl.row.js';
import { OpensslDriver } from '../../../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { SessionConfigError } from '../../../../../lib/errors/session-config.error.js';

const PATH = 'crypto.driverParams.engine';
const CIPHERS = 64;

/** The engine functions of `node:crypto`, which record the engine or throw. */
function hostOf(code?: string) {
  const set: [string, number | undefined][] = [];
  const host: EngineHost = {
    setEngine: (...said) => {
      if (code) throw Object.assign(new Error(`Engine "${said[0]}" and a secret`), { code });
      set.push([said[0], said[1]]);
    },
    constants: { ENGINE_METHOD_CIPHERS: CIPHERS },
  };
  return { host, set };
}

const faultOf = (act: () => void) => {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(SessionConfigError);
    return (error as SessionConfigError).faults;
  }
  throw new Error('it does not throw');
};

describe('EngineSwitch', () => {
  it('sets an engine for ciphers only, and once', () => {
    const { host, set } = hostOf();
    const engines = new EngineSwitch(host);
    engines.use('gost', PATH);
    engines.use('gost', PATH);
    expect(set).toEqual([['gost', CIPHERS]]);
  });

  it('refuses a second engine, and names both', () => {
    const { host, set } = hostOf();
    const engines = new EngineSwitch(host);
    engines.use('gost', PATH);
    const [fault] = faultOf(() => engines.use('pkcs11', PATH));
    expect(fault!.path).toBe(PATH);
    expect(fault!.message).toMatch(/^"pkcs11": this process has the engine "gost"/);
    expect(set).toHaveLength(1);
  });

  it('accepts another engine after one that could not be set', () => {
    const { host, set } = hostOf();
    let fails = true;
    const engines = new EngineSwitch({
      ...host,
      setEngine: (engine, flags) => {
        if (fails) throw Object.assign(new Error(), { code: 'ERR_CRYPTO_ENGINE_UNKNOWN' });
        host.setEngine!(engine, flags);
      },
    });
    faultOf(() => engines.use('gots', PATH));
    fails = false;
    engines.use('gost', PATH);
    expect(set).toEqual([['gost', CIPHERS]]);
  });

  it.each<[string, EngineHost]>([
    ['no setEngine', { constants: { ENGINE_METHOD_CIPHERS: CIPHERS } }],
    ['no constants', { setEngine: () => undefined, constants: {} }],
    ['an OpenSSL that says no', hostOf('ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED').host],
  ])('reports that this Node has no engine support with %s, and names alternatives', (_what, host) => {
    const [fault] = faultOf(() => new EngineSwitch(host).use('gost', PATH));
    expect(fault!.message).toContain(
      `this Node (${process.versions.node}, OpenSSL ${process.versions.openssl})`,
    );
    expect(fault!.message).toMatch(/OPENSSL_CONF .* section nodejs_conf .*driver nss or pkcs11$/);
  });

  it('says where OpenSSL looks for an engine that was not found', () => {
    const [fault] = faultOf(() =>
      new EngineSwitch(hostOf('ERR_CRYPTO_ENGINE_UNKNOWN').host).use('gost', PATH),
    );
    expect(fault!.message).toMatch(/^"gost": the engine was not found; give the path .*OPENSSL_ENGINES/);
  });

  it('shows only the code of any other failure', () => {
    const [fault] = faultOf(() => new EngineSwitch(hostOf('ERR_ODD').host).use('gost', PATH));
    expect(fault!.message).toBe('"gost": OpenSSL cannot set it (ERR_ODD)');
  });

  it('decides by the functions of Node alone', () => {
    const [fault] = faultOf(() => processEngine.use('no-such-engine', PATH));
    expect(fault!.message).toMatch(/^"no-such-engine": (?:the engine was not found|this Node)/);
  });
});

describe('testEngine', () => {
  it('accepts right results', async () => {
    await expect(testEngine(new OpensslDriver(), 'none', PATH)).resolves.toBeUndefined();
  });

  it('refuses an engine that takes over the native format and computes it wrongly', async () => {
    const driver = Object.assign(new OpensslDriver(), {
      seal: (_suite: unknown, _key: unknown, _nonce: unknown, text: Uint8Array) =>
        Buffer.concat([text, Buffer.alloc(16)]),
    });
    await expect(testEngine(driver, 'xor', PATH)).rejects.toMatchObject({
      faults: [
        {
          path: PATH,
          message: expect.stringMatching(
            /^"xor" computes wrong results: aes256 seals wrongly, chacha20 seals wrongly, aes128 seals wrongly; restart/,
          ),
        },
      ],
    });
  });

  it('ignores a cipher that is not available', async () => {
    const { cbc } = new OpensslDriver();
    const driver = Object.assign(new OpensslDriver(), {
      cbc: {
        ciphers: cbc.ciphers,
        decrypt: cbc.decrypt,
        encrypt: (...args: Parameters<typeof cbc.encrypt>) => {
          if (args[0].name === '3des192') throw new Error('unsupported');
          return cbc.encrypt(...args);
        },
      },
    });
    await expect(testEngine(driver, 'none', PATH)).resolves.toBeUndefined();
  });
});

describe('the row of openssl', () => {
  it('reads engine=openssl as no engine', async () => {
    expect([isEngine('openssl'), isEngine(undefined), isEngine('gost')]).toEqual([false, false, true]);
    expect(await OPENSSL.open({ engine: 'openssl' }, 'crypto.driver')).toBeInstanceOf(OpensslDriver);
    expect(OPENSSL.check!({ engine: 'openssl' }, 'native')).toEqual([]);
  });

  it('refuses an engine for the native format, and names providers', () => {
    const [fault] = OPENSSL.check!({ engine: 'gost' }, 'native');
    expect(fault).toMatchObject({
      param: 'engine',
      message: expect.stringMatching(/acts on CBC.*OPENSSL_CONF.*nodejs_conf/),
    });
    expect(OPENSSL.check!({ engine: 'gost' }, 'cbc')).toEqual([]);
  });
});
