import type { PlatformRequest } from '../../http/connection.js';

/** Returns a request of a browser on this machine, as far as a session is found by it. */
export function testRequest({ protocol, host, pathname, search }: URL, cookie?: string): PlatformRequest {
  const secure = protocol === 'https:';
  const request = {
    method: 'GET',
    url: pathname + search,
    headers: { host, ...(cookie && { cookie }) },
    protocol: secure ? 'https' : 'http',
    socket: { encrypted: secure, remoteAddress: '127.0.0.1' },
  };
  return request as unknown as PlatformRequest;
}
