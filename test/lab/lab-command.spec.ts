import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { labCommand } from '../../src/lab/lab-command.js';
import { SITUATIONS } from '../../src/lab/situations/index.js';

async function lab(...args: string[]): Promise<{ code: number; out: string; complaints: string }> {
  const out: string[] = [];
  const complaints: string[] = [];
  const code = await labCommand(
    args,
    (text) => out.push(text),
    (text) => complaints.push(text),
  );
  return { code, out: out.join('\n'), complaints: complaints.join('\n') };
}

describe('keyturn lab', () => {
  it.each([
    [['shop'], '"shop" is no command'],
    [['lab', '--', 'node', 'client.js'], '--target is missing'],
    [['lab', '--target', 'localhost', '--', 'node'], '--target is an address with http://'],
    [['lab', '--target', 'localhost:3000', '--', 'node'], '--target is an address with http://'],
    [['lab', '--target', 'https://shop.example', '--', 'node'], '--target is an address with http://'],
    [['lab', '--target', 'http://localhost:1'], 'The command of the client is missing'],
    [['lab', '--target', 'http://localhost:1', '--only', 'expiri', '--', 'node'], 'no situation "expiri"'],
    [['lab', '--target', 'http://localhost:1', '--grace', '1', '--', 'node'], '--grace is a duration such as 1s'],
    [['lab', '--target', 'http://localhost:1', '--at-once', '0', '--', 'node'], '--at-once is a whole number'],
    [
      ['lab', '--target', 'http://localhost:1', '--email', 'a@b.example', '--', 'node'],
      '--email and --password together',
    ],
    [['lab', '--tarjet', 'x'], "Unknown option '--tarjet'"],
  ])('says what is wrong with %j', async (args, sentence) => {
    const { code, complaints } = await lab(...args);
    expect(complaints).toContain(sentence);
    expect(complaints).not.toMatch(/\n\s+at /);
    expect(code).toBe(2);
  });

  it.each([[[]], [['--email', 'ada@shop.example', '--password', 'correct horse']]])(
    'says that there is no service at the address, with %j too',
    async (user) => {
      const server = createServer();
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      server.close();
      await once(server, 'close');
      const { code, complaints } = await lab(
        'lab',
        '--target',
        address,
        ...user,
        '--only',
        'expiry',
        '--patience',
        '1s',
        '--',
        'node',
        '-e',
        '',
      );
      expect(complaints).toContain(`There is no service at ${address} (ECONNREFUSED)`);
      expect(code).toBe(2);
    },
  );

  it('prints the situations, and how it is used', async () => {
    const { code, out } = await lab('lab', '--list');
    expect(code).toBe(0);
    expect(out.split('\n')).toHaveLength(SITUATIONS.length);
    expect((await lab('--help')).out).toContain('npx keyturn lab --target <url>');
  });

  it('has the situations that its page tells of, and no others', () => {
    const page = readFileSync('docs/lab.md', 'utf8');
    const [, told = ''] = page.split('## The situations');
    const names = [...told.split('## Scores')[0]!.matchAll(/^\| `([\w-]+)`/gm)].map(([, name]) => name);
    expect(new Set(names)).toEqual(new Set(SITUATIONS.map(({ name }) => name)));
    expect(names).toHaveLength(SITUATIONS.length);
    expect(names.length).toBeGreaterThanOrEqual(15);
  });
});
