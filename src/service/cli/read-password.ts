import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { AuthError } from '../../index.js';

const refused = (message: string): AuthError => new AuthError('invalid_request', message);

/** A new password: all of a pipe but its last line end, or typed twice at a terminal, which does not show it. */
export async function readPassword(input: NodeJS.ReadStream, prompts: NodeJS.WritableStream): Promise<string> {
  if (!input.isTTY) {
    const password = (await text(input)).replace(/\r?\n$/, '');
    if (password === '') throw refused('Standard input is empty: pipe the password in, or run this at a terminal.');
    return password;
  }
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: silent, terminal: true });
  const ask = async (prompt: string): Promise<string> => {
    prompts.write(prompt);
    const interrupted = new Promise<never>((_, reject) => {
      lines.once('SIGINT', () => reject(refused('Nothing was changed.')));
      lines.once('close', () => reject(refused('Nothing was changed.')));
    });
    const answer = await Promise.race([lines.question(''), interrupted]);
    prompts.write('\n');
    return answer;
  };
  try {
    const password = await ask('Password: ');
    if (password !== (await ask('Again: '))) throw refused('These were two different passwords.');
    return password;
  } finally {
    lines.close();
  }
}
