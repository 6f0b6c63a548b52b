import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds for which a client may think about its state. */
const PATIENCE = 10_000;

/** What the client under test says of itself by `GET /state`. */
export interface ClientState {
  readonly session?: unknown;
  readonly reason?: unknown;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The program of the client under test, started for one situation. */
export class ClientProcess {
  private child: ChildProcess | undefined;
  private port = 0;
  /** The end of what the program wrote, for a person who looks for the reason. */
  output = '';

  constructor(
    private readonly command: readonly string[],
    private readonly variables: Readonly<Record<string, string>>,
  ) {}

  async start(): Promise<void> {
    this.port = await freePort();
    const [program = '', ...args] = this.command;
    const child = spawn(program, args, {
      env: { ...process.env, ...this.variables, LAB_STATE_PORT: String(this.port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    const keep = (chunk: Buffer) => (this.output = (this.output + chunk.toString()).slice(-2000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => keep(Buffer.from(`${error.message}\n`)));
  }

  get hasEnded(): boolean {
    return this.child === undefined || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** @returns undefined where the program does not answer */
  async state(): Promise<ClientState | undefined> {
    const aborting = new AbortController();
    // A timer of our own: on Node 20 and 22 `AbortSignal.timeout()` can be collected as garbage before it fires.
    const timer = setTimeout(() => aborting.abort(), PATIENCE);
    try {
      const answer = await fetch(`http://127.0.0.1:${this.port}/state`, { signal: aborting.signal });
      return (await answer.json()) as ClientState;
    } catch {
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { child } = this;
    // A program that could not be started has no pid and sends no `exit`.
    if (!child?.pid || this.hasEnded) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await Promise.race([ended, sleep(2000, undefined, { ref: false })]);
    if (!this.hasEnded) child.kill('SIGKILL');
    await ended;
  }
}
