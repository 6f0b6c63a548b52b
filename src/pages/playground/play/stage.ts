import type { Exchange, WorldPolicy } from '../world.types.js';
import { DemoWorld } from './demo-world.js';
import { Device } from './device.js';
import type { Holder, Step } from './step.js';
import { Thief } from './thief.js';

/** A step that was done, and what went over the line for it. */
export interface Moment {
  readonly step: Step;
  /** By the clock of the world, milliseconds, after the step. */
  readonly at: number;
  readonly exchanges: readonly Exchange[];
  /** Nothing came of it, such as a copy of a token that is not there. */
  readonly isEmpty: boolean;
}

/** All who play in one world, and what they have done so far. */
export class Stage {
  readonly devices: Readonly<Record<Holder, Device>>;
  readonly thief: Thief;
  readonly moments: Moment[] = [];
  private password = 'correct horse battery staple';

  private constructor(readonly world: DemoWorld) {
    const device = (id: Holder) => new Device(id, world);
    this.devices = { 'tab-a': device('tab-a'), 'tab-b': device('tab-b'), phone: device('phone') };
    this.thief = new Thief(world);
  }

  /** @throws WorldGone, Refused */
  static async open(
    origin: string,
    setup: { readonly now: number; readonly policy?: Partial<WorldPolicy> },
  ): Promise<Stage> {
    return new Stage(await DemoWorld.open(origin, setup));
  }

  /** @throws WorldGone where the service has stopped meanwhile; Refused */
  async perform(step: Step): Promise<Moment> {
    const before = this.world.exchanges.length;
    const isEmpty = !this.canDo(step);
    if (!isEmpty) await this.act(step);
    await this.world.look();
    const moment = { step, at: this.world.now, exchanges: this.world.exchanges.slice(before), isEmpty };
    this.moments.push(moment);
    return moment;
  }

  /** Whether something can come of a step: nobody signs in over a session, and nobody uses what is not there. */
  canDo(step: Step): boolean {
    if (step.do === 'wait') return true;
    if (step.do === 'use-stolen') return this.thief.token !== undefined;
    const has = (id: Holder) => this.devices[id].held !== undefined;
    if (step.do === 'steal') return has(step.of);
    if (step.do === 'sign-in') return !has(step.who);
    if (step.do === 'join') return !has(step.who) && has(step.of);
    return has(step.who) && (step.do !== 'end' || has(step.of));
  }

  private async act(step: Step): Promise<void> {
    const { devices, world, thief } = this;
    switch (step.do) {
      case 'wait':
        return world.advance(step.for);
      case 'sign-in':
        return devices[step.who].signIn(this.password);
      case 'join':
        return devices[step.who].join(devices[step.of]);
      case 'use':
        return devices[step.who].use();
      case 'lose-answer':
        await world.loseAnswers(true);
        await devices[step.who].useOnce();
        return world.loseAnswers(false);
      case 'change-password':
        return this.changePassword(devices[step.who]);
      case 'end': {
        const { sid } = devices[step.of].held!;
        return devices[step.who].send('DELETE', `/auth/sessions/${sid}`);
      }
      case 'end-others':
        return devices[step.who].send('DELETE', '/auth/sessions');
      case 'sign-out':
        return devices[step.who].signOut();
      case 'steal':
        return thief.copy(devices[step.of].held!.sid);
      case 'use-stolen':
        return thief.use();
    }
  }

  private async changePassword(device: Device): Promise<void> {
    const next = `${this.password}!`;
    const before = device.held?.sid;
    await device.changePassword(this.password, next);
    if (device.held && device.held.sid !== before) this.password = next;
  }
}
