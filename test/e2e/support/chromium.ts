import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const QUIET = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const OFFLINE = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** True if this machine has no Chromium, so that tests with a real browser are skipped. */
export const chromiumAbsent = !existsSync(CHROMIUM);
if (chromiumAbsent) console.log(`skipped: tests in a real browser; there is no ${CHROMIUM}`);

/** Starts a browser with an empty profile. It finds every host name on this machine. */
export const startChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: [...QUIET, ...OFFLINE, '--host-resolver-rules=MAP * 127.0.0.1'],
  });
