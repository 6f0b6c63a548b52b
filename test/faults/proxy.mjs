import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A line between a client and a server on loopback that can be cut at an exact place, go silent, or go slow. It keeps
 * the order of bytes, and what it held back it delivers later, also for a client that has given up meanwhile.
 */
export class Proxy {
  port = 0;
  cuts = 0;
  pairs = new Set();
  /** Milliseconds for the next bytes on their way to the server, and back. */
  delayThere = () => 0;
  delayBack = () => 0;
  armed = null;
  silence = null;

  constructor(target) {
    this.target = target;
    this.server = createServer((client) => this.join(client));
  }

  async start() {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    this.port = this.server.address().port;
    return this;
  }

  /**
   * Cuts the next request that matches: `before` the server has seen it, `after` the server has answered it, or
   * `between`, when it is on its way and nobody can tell. Both ends see a reset.
   */
  cutNext(where, pattern) {
    this.armed = { where, pattern };
  }

  disarm() {
    this.armed = null;
  }

  /** A black hole: connections are taken, bytes go nowhere until it is `heal`ed. */
  swallow() {
    let heal = () => undefined;
    const healed = new Promise((resolve) => (heal = resolve));
    this.silence = { healed, heal };
  }

  heal() {
    this.silence?.heal();
    this.silence = null;
  }

  join(client) {
    const server = connect(this.target, '127.0.0.1');
    const pair = { client, server, dropAnswer: false };
    this.pairs.add(pair);
    for (const socket of [client, server]) socket.setNoDelay(true).on('error', () => undefined);
    this.carry(
      client,
      server,
      () => this.delayThere(),
      (chunk) => this.there(pair, chunk),
    );
    this.carry(
      server,
      client,
      () => this.delayBack(),
      () => this.back(pair),
    );
    server.on('close', () => this.pairs.delete(pair));
  }

  /** Bytes are as late as they are told to be, and never overtake those before them. */
  carry(from, to, delay, mayPass) {
    let line = Promise.resolve();
    from.on('data', (chunk) => {
      const due = performance.now() + delay();
      line = line.then(async () => {
        if (due > performance.now()) await sleep(due - performance.now());
        if (this.silence) await this.silence.healed;
        if (mayPass(chunk) && to.writable) to.write(chunk);
      });
    });
    from.on('close', () => void line.then(() => to.end()));
  }

  there(pair, chunk) {
    if (!this.armed || !chunk.includes(this.armed.pattern)) return true;
    const { where } = this.armed;
    this.armed = null;
    if (where === 'after') {
      pair.dropAnswer = true;
      return true;
    }
    if (where === 'between') pair.server.write(chunk);
    this.cut(pair, where === 'between');
    return false;
  }

  back(pair) {
    if (!pair.dropAnswer) return true;
    this.cut(pair);
    return false;
  }

  cut({ client, server }, letItArrive = false) {
    this.cuts += 1;
    client.resetAndDestroy();
    if (letItArrive) server.end();
    else server.destroy();
  }

  async stop() {
    this.heal();
    for (const { client, server } of this.pairs) {
      client.destroy();
      server.destroy();
    }
    this.server.close();
    await once(this.server, 'close');
  }
}

/** @param {number} target port of the server */
export const startProxy = (target) => new Proxy(target).start();
