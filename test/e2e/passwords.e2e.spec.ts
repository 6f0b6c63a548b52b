import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NEW_PASSWORD, PASSWORD, startAccounts, type ServiceWithAccounts } from '../support/accounts.js';
import { startService, type Answer } from '../support/service.js';

const BREACHED = 'a rare one that leaked';
const MADE_OF = 'The password must not be made of the e-mail address or of the name of this service.';
const KNOWN = 'This password is known from a data breach; choose another.';

describe('a new password, wherever it is set', () => {
  let folder: string;
  let service: ServiceWithAccounts;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keyturn-passwords-'));
    const lines = [BREACHED, 'x', 'y', 'z'].map((text) => createHash('sha1').update(text).digest('hex').toUpperCase());
    await writeFile(join(folder, 'list.txt'), `${lines.toSorted().join(':2\r\n')}:2\r\n`);
    service = await startAccounts({
      PASSWORD_BREACHED: join(folder, 'list.txt'),
      AUTH_ISSUER: 'https://auth.wonderland.example',
    });
  });
  afterAll(async () => {
    await service.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Each way to set one, for an account of this address. */
  const ways: readonly [string, (email: string, password: string) => Promise<Answer>][] = [
    ['register', (email, password) => service.call('/auth/register', { body: { email, password } })],
    ['by an administrator', (email, password) => service.admin('POST /admin/users', { email, password })],
    [
      'changed',
      async (email, password) => {
        await service.call('/auth/register', { body: { email, password: PASSWORD } });
        const { access_token: token } = await service.login({ id: '', email, password: PASSWORD });
        const body = { current_password: PASSWORD, new_password: password };
        return service.call('/auth/password', { body, token });
      },
    ],
    [
      'reset',
      async (email, password) => {
        const { body } = await service.admin('POST /admin/users', { email });
        const issued = await service.admin(`POST /admin/users/${body.user.id}/password-reset`);
        return service.call('/auth/password-reset', { body: { ticket: issued.body.ticket, new_password: password } });
      },
    ],
  ];

  it.each(ways)(
    '%s, must not be breached, nor made of the address or of the name of the service',
    async (_way, set) => {
      const told = async (password: string) => {
        const local = `mad.hatter-${randomUUID().slice(0, 8)}`;
        const { status, body } = await set(`${local}@teaparty.example`, password.replace('LOCAL', local));
        return { status, details: body?.details };
      };
      expect(await told(BREACHED)).toEqual({ status: 400, details: [KNOWN] });
      expect(await told('LOCAL@teaparty.example')).toEqual({ status: 400, details: [MADE_OF] });
      expect(await told('Teaparty99')).toEqual({ status: 400, details: [MADE_OF] });
      expect(await told('wonderland1')).toEqual({ status: 400, details: [MADE_OF] });
      expect((await told(NEW_PASSWORD)).status).toBeLessThan(300);
    },
  );

  it('lets a start fail with the setting and what is wrong with its file', async () => {
    await writeFile(join(folder, 'wrong.txt'), 'password\n');
    for (const name of ['wrong.txt', 'missing.txt']) {
      const started = startService({ PASSWORD_BREACHED: join(folder, name) });
      await expect(started).rejects.toThrow(
        /^PASSWORD_BREACHED names the file .*, which (has a line that is no SHA-1|cannot be read)/,
      );
    }
  });
});
