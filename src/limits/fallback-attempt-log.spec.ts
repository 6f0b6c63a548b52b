import { Logger } from '@nestjs/common';
import { AuthError } from '../auth.errors.js';
import { AttemptLog, type Noted } from './attempt-log.js';
import { FallbackAttemptLog } from './fallback-attempt-log.js';
import { limitOf } from './limit.js';

/** A log that answers as it is told, and keeps how many attempts it holds. */
class ToldLog extends AttemptLog {
  held = 0;

  constructor(private readonly answer: (held: number) => Noted | Error) {
    super();
  }

  override async note(): Promise<Noted> {
    const answer = this.answer(this.held);
    if (answer instanceof Error) throw answer;
    if ('at' in answer) this.held += 1;
    return answer;
  }

  override async forget(): Promise<void> {
    this.held -= 1;
  }
}

describe('attempts that are counted over all instances', () => {
  beforeEach(() => void jest.spyOn(Logger.prototype, 'warn').mockImplementation());
  afterEach(() => jest.restoreAllMocks());

  it('do not count here where the others have used them up, so that an outage does not begin with attempts that never were', async () => {
    let isAway = false;
    const away = new AuthError('store_unavailable', 'away');
    const shared = new ToldLog(() => (isAway ? away : { wait: 1_000 }));
    const own = new ToldLog((held) => (held < 2 ? { at: 0 } : { wait: 1_000 }));
    const log = new FallbackAttemptLog(shared, own, () => 0);
    const limit = limitOf(2, 1_000);
    for (let refused = 0; refused < 5; refused++) expect(await log.note('ann', limit)).toEqual({ wait: 1_000 });

    isAway = true;
    expect(await log.note('ann', limit)).toHaveProperty('own', 0);
    expect(own.held).toBe(1);
  });
});
