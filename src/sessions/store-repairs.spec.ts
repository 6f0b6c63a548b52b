import { codeOf, storeOf, startInstance } from '../../test/support/auth-library.js';
import { InMemoryTokenRepository } from '../index.js';
import type { RevocationSubscriber } from '../revocation/revocation-feed.js';
import { InProcessRevocationFeed } from '../stores/memory/in-process-revocation-feed.js';

/** A feed that a test can tell of lost entries, as that of Redis does after a fall. */
class LosingFeed extends InProcessRevocationFeed {
  subscriber!: RevocationSubscriber;

  override async subscribe(subscriber: RevocationSubscriber): Promise<void> {
    this.subscriber = subscriber;
    await super.subscribe(subscriber);
  }
}

const kept = { at: 1, keepFor: 1_000 };

async function start() {
  const [repository, feed] = [new InMemoryTokenRepository(), new LosingFeed()];
  const { sessions, rotation } = await startInstance({ store: storeOf(repository, feed) });
  const open = (sub: string, generation?: number) => sessions.open({ sub, generation });
  const isAlive = async (sub: string, { sessionId }: { sessionId: string }) =>
    (await repository.find(sub, sessionId)).record !== null;
  return { repository, feed, open, isAlive, sessions, rotation };
}

describe('what is repeated in a store that went back in time', () => {
  it('ends exactly the session of an entry, with its reason, and no other of the user', async () => {
    const { repository, feed, open, isAlive } = await start();
    const [gone, other] = [await open('ann'), await open('ann')];
    await feed.subscriber.lost([{ kind: 'session', sub: 'ann', sid: gone.sessionId, reason: 'token_reused', ...kept }]);
    expect([await isAlive('ann', gone), await isAlive('ann', other)]).toEqual([false, true]);
    expect((await repository.find('ann', gone.sessionId)).ended).toBe('token_reused');
  });

  it('ends below a generation, and spares what was opened at it and above, and later logins', async () => {
    const { repository, feed, open, isAlive } = await start();
    const [old, at, above] = [await open('ann', 0), await open('ann', 7), await open('ann', 8)];
    await feed.subscriber.lost([{ kind: 'generation', sub: 'ann', generation: 7, reason: 'session_revoked', ...kept }]);
    expect(await Promise.all([old, at, above].map((grant) => isAlive('ann', grant)))).toEqual([false, true, true]);
    expect(await repository.generationOf('ann')).toBe(7);
    expect(await codeOf(open('ann', 6))).toBe('invalid_credentials');
    expect(await codeOf(open('ann', 7))).toBe('none');
  });

  it('never lowers a generation that was raised further since', async () => {
    const { repository, feed } = await start();
    await repository.raiseGeneration('ann', 9, 60_000);
    await feed.subscriber.lost([{ kind: 'generation', sub: 'ann', generation: 7, reason: 'session_revoked', ...kept }]);
    expect(await repository.generationOf('ann')).toBe(9);
  });

  it('ends nothing for changed claims', async () => {
    const { feed, open, rotation } = await start();
    const grant = await open('ann');
    await feed.subscriber.lost([{ kind: 'claims', sub: 'ann', ...kept }]);
    expect(await codeOf(rotation.refresh(grant.refreshToken!))).toBe('none');
  });

  it('ends nothing under another subject, though it may know the id', async () => {
    const { feed, open, isAlive } = await start();
    const grant = await open('ann');
    await feed.subscriber.lost([
      { kind: 'session', sub: 'eve', sid: grant.sessionId, reason: 'session_revoked', ...kept },
    ]);
    expect(await isAlive('ann', grant)).toBe(true);
  });
});
