import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AuthClock, AuthConfigError, KeyRing } from '../../index.js';
import { keysInDataDir } from '../config/keys-in-data-dir.js';
import { isOpenToAnyone, readKeyFile, SIGNING_KEYS } from './key-file.js';
import { keyLine } from './key-line.js';
import { KEYS_CONFIG, type KeysConfig } from '../config/load-config.js';

const LOOK_EVERY = 2_000;

/**
 * Takes the keys of the key file when it changes. It is read whole each time: a mounted secret changes by a link far
 * up its path, of which neither the file's times nor the system's notices tell.
 */
@Injectable()
export class KeyFileWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Keyturn');
  /** Undefined where the keys came in a variable, which does not change. */
  private readonly path: string | undefined;
  /** What was taken last; undefined while the file cannot be used. */
  private taken: string | undefined;
  /** Why it cannot, so that it is told once. */
  private refused?: string;
  private timer?: NodeJS.Timeout;
  private looking: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    @Inject(KEYS_CONFIG) { keysFile, keys, dataDir }: KeysConfig,
    @Inject(SIGNING_KEYS) given: string,
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(AuthClock) private readonly clock: AuthClock,
  ) {
    this.path = keysFile ?? (keys === undefined ? keysInDataDir(dataDir) : undefined);
    this.taken = given.trim();
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.tell('Keys');
    this.lookLater();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  /** Reads the file and takes its keys if they are new. Never throws: keys that cannot be used leave those of before. */
  async look(): Promise<void> {
    const before = this.ring.list(this.clock.now());
    try {
      const content = (await readKeyFile(this.path!)).trim();
      if (content === this.taken) return;
      this.ring.replace(content, this.clock.now());
      [this.refused, this.taken] = [undefined, content];
    } catch (error) {
      const reason = error instanceof AuthConfigError ? error.message : String(error);
      if (reason === this.refused) return;
      [this.refused, this.taken] = [reason, undefined];
      this.logger.error(`The keys in ${this.path} cannot be used: ${reason}. The keys of before stay in force.`);
      return;
    }
    const kept = new Set(this.ring.list(this.clock.now()).map(({ kid }) => kid));
    await this.tell(
      'New keys',
      before.map(({ kid }) => kid).filter((kid) => !kept.has(kid)),
    );
  }

  private lookLater(): void {
    if (this.path === undefined || this.stopped) return;
    this.timer = setTimeout(() => {
      this.looking = this.look().finally(() => this.lookLater());
    }, LOOK_EVERY).unref();
  }

  private async tell(what: string, gone: readonly string[] = []): Promise<void> {
    const now = this.clock.now();
    const lines = this.ring
      .list(now)
      .filter(({ state }) => state !== 'retired')
      .map(keyLine);
    const removed = gone.length > 0 ? `; removed: ${gone.join(', ')}` : '';
    this.logger.log(`${what}${this.path ? ` of ${this.path}` : ''}: ${lines.join('; ')}${removed}`);
    for (const purpose of this.ring.purposes) {
      const end = this.ring.signsUntil(purpose, now);
      if (end === Infinity) continue;
      this.logger.warn(`No ${purpose} key signs from ${new Date(end).toISOString()} on: add one before.`);
    }
    if (this.path && (await isOpenToAnyone(this.path))) {
      this.logger.warn(`${this.path} is open to every user of this machine: take their rights away (chmod 600).`);
    }
  }
}
