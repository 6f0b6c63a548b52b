import { listenAt } from './listen.js';

const failure = (code: string) => Object.assign(new Error(code), { code });

describe('an address to listen on', () => {
  it.each(['EAFNOSUPPORT', 'EADDRNOTAVAIL'])(
    'is 0.0.0.0 where all were asked for and the machine has no IPv6 (%s), for each port that the service has',
    async (code) => {
      for (const setting of ['PORT', 'METRICS_PORT']) {
        const tried: string[] = [];
        await listenAt({ host: '::', port: 3000, setting }, async (host) => {
          tried.push(host);
          if (host === '::') throw failure(code);
        });
        expect(tried).toEqual(['::', '0.0.0.0']);
      }
    },
  );

  it('is refused by the setting of its port', async () => {
    const listening = listenAt({ host: '::', port: 80, setting: 'METRICS_PORT' }, () =>
      Promise.reject(failure('EACCES')),
    );
    await expect(listening).rejects.toThrow('METRICS_PORT 80 is not allowed for this user; set a METRICS_PORT of 1024');
  });
});
