import { inspect } from 'node:util';
import { eq, sql } from 'drizzle-orm';
import { openUsersDatabase, USERS_DATABASES } from '../../../test/support/users-databases.js';
import { AuthError } from '../../index.js';
import type { Database } from '../database/database.js';
import { HashQueue } from './hash-queue.js';
import { ARGON2ID, PasswordHasher } from './passwords.js';
import { users } from '../database/users.schema.js';
import { UsersService } from './users.service.js';

const PASSWORD = 'correct horse';

describe.each(USERS_DATABASES)('on %s', (where) => {
  let database: Database;
  let stop: () => Promise<void>;
  let service: UsersService;
  // On a busy machine a hash takes seconds; who waits too long is refused by the queue, which has tests of its own.
  const passwords = new PasswordHasher(new HashQueue({ maxWait: 60_000 }));

  beforeAll(async () => {
    ({ database, stop } = await openUsersDatabase(where));
    service = new UsersService(database, passwords);
  });
  afterAll(() => stop());
  beforeEach(() => database.db.execute(sql`truncate users`));

  const row = async (id: string) => (await database.db.select().from(users).where(eq(users.id, id)))[0]!;
  const change = (id: string, values: Partial<typeof users.$inferInsert>) =>
    database.db.update(users).set(values).where(eq(users.id, id));
  const failure = (work: Promise<unknown>): Promise<AuthError> =>
    work.then(
      () => fail('did not throw'),
      (error) => error,
    );

  describe('registering', () => {
    it('keeps the address as given, a hash instead of the password, and no roles that nobody gave', async () => {
      const user = await service.register(' Ann@Example.com ', PASSWORD);
      expect(user).toEqual({ id: expect.any(String), email: 'Ann@Example.com', roles: [], disabled: false });
      expect(await row(user.id)).toMatchObject({ emailKey: 'ann@example.com', generation: 0 });
      expect(JSON.stringify(await row(user.id))).not.toContain(PASSWORD);
    });

    it('tells that an address is taken, however it is spelled', async () => {
      await service.register('ann@example.com', PASSWORD);
      const error = await failure(service.register('ANN@example.com ', 'another horse'));
      expect(error).toMatchObject({ code: 'email_taken' });
      expect(error).toBeInstanceOf(AuthError);
    });

    it('gives an address to one of many who ask for it at once', async () => {
      const asked = Array.from({ length: 8 }, () => service.register('ann@example.com', PASSWORD));
      const outcomes = await Promise.allSettled(asked);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await database.db.$count(users)).toBe(1);
    });

    it('gives ids that cannot be guessed: UUIDs of version 4', async () => {
      const { id } = await service.register('ann@example.com', PASSWORD);
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    });
  });

  describe('finding', () => {
    it('finds by any spelling of the address, and by id', async () => {
      const user = await service.register('ann@example.com', PASSWORD);
      expect(await service.findByEmail('ANN@EXAMPLE.COM')).toEqual(user);
      expect(await service.findById(user.id)).toEqual(user);
      expect(await service.findById(user.id.toUpperCase())).toEqual(user);
    });

    it.each(['', 'nobody', '*', '{x}', 'a:b', "' or 1=1 --", '\0', 'x'.repeat(10_000)])(
      'finds nobody under %j, rather than failing on it',
      async (hostile) => {
        await service.register('ann@example.com', PASSWORD);
        expect(await service.findById(hostile)).toBeNull();
        expect(await service.findByEmail(hostile)).toBeNull();
        expect(await service.loadSubject(hostile)).toBeNull();
      },
    );
  });

  describe('authenticating', () => {
    it('gives the user and the generation that stood beside the hash', async () => {
      const user = await service.register('ann@example.com', PASSWORD);
      await change(user.id, { generation: 1_800_000_000_000 });
      expect(await service.authenticate('Ann@example.com', PASSWORD)).toEqual({
        user,
        emailVerified: false,
        generation: 1_800_000_000_000,
      });
    });

    it('answers unknown, wrong, disabled and without a password in the same words', async () => {
      const disabled = await service.register('disabled@example.com', PASSWORD);
      await change(disabled.id, { disabled: true });
      const invited = await service.register('invited@example.com', PASSWORD);
      await change(invited.id, { passwordHash: null });
      await service.register('ann@example.com', PASSWORD);
      const errors = await Promise.all([
        failure(service.authenticate('unknown@example.com', PASSWORD)),
        failure(service.authenticate('ann@example.com', 'wrong horse')),
        failure(service.authenticate('disabled@example.com', PASSWORD)),
        failure(service.authenticate('invited@example.com', PASSWORD)),
        failure(service.authenticate('\0@example.com', PASSWORD)),
      ]);
      const told = errors.map(({ code, message, details }) => ({ code, message, details }));
      expect(new Set(told.map((each) => JSON.stringify(each))).size).toBe(1);
      expect(told[0]).toMatchObject({ code: 'invalid_credentials' });
    });

    it('hashes exactly once in each of these cases, so that time tells nothing either', async () => {
      const disabled = await service.register('disabled@example.com', PASSWORD);
      await change(disabled.id, { disabled: true });
      const invited = await service.register('invited@example.com', PASSWORD);
      await change(invited.id, { passwordHash: null });
      const hashes = jest.spyOn(HashQueue.prototype, 'run');
      try {
        for (const name of ['unknown', 'disabled', 'invited']) {
          hashes.mockClear();
          await failure(service.authenticate(`${name}@example.com`, PASSWORD));
          expect(hashes).toHaveBeenCalledTimes(1);
        }
      } finally {
        hashes.mockRestore();
      }
    });

    it('replaces a hash of lower cost at the login, with which the next login works', async () => {
      const weak = new PasswordHasher(new HashQueue(), { ...ARGON2ID, timeCost: 1 });
      const { id } = await new UsersService(database, weak).register('ann@example.com', PASSWORD);
      expect((await row(id)).passwordHash).toContain('t=1');
      await service.authenticate('ann@example.com', PASSWORD);
      expect((await row(id)).passwordHash).toContain('t=2');
      await service.authenticate('ann@example.com', PASSWORD);
    });

    it('does not replace a hash for who gave a wrong password', async () => {
      const weak = new PasswordHasher(new HashQueue(), { ...ARGON2ID, timeCost: 1 });
      const { id } = await new UsersService(database, weak).register('ann@example.com', PASSWORD);
      await failure(service.authenticate('ann@example.com', 'wrong horse'));
      expect((await row(id)).passwordHash).toContain('t=1');
    });

    it('does not bring an old password back, when it was changed while the stronger hash was made', async () => {
      class ChangesMeanwhile extends PasswordHasher {
        override async hash(password: string): Promise<string> {
          await change(id, { passwordHash: changed });
          return super.hash(password);
        }
      }
      const weak = new PasswordHasher(new HashQueue(), { ...ARGON2ID, timeCost: 1 });
      const changed = await passwords.hash('another horse');
      const { id } = await new UsersService(database, weak).register('ann@example.com', PASSWORD);
      await new UsersService(database, new ChangesMeanwhile(new HashQueue())).authenticate('ann@example.com', PASSWORD);
      expect((await row(id)).passwordHash).toBe(changed);
    });

    it('lets a login through when the stronger hash cannot be made just now', async () => {
      class NeverHashes extends PasswordHasher {
        override hash = () => Promise.reject(new AuthError('temporarily_unavailable', 'busy'));
      }
      const weak = new PasswordHasher(new HashQueue(), { ...ARGON2ID, timeCost: 1 });
      const user = await new UsersService(database, weak).register('ann@example.com', PASSWORD);
      const busy = new UsersService(database, new NeverHashes(new HashQueue()));
      expect((await busy.authenticate('ann@example.com', PASSWORD)).user).toEqual(user);
    });
  });

  describe('loading a subject', () => {
    it('tells roles, address and the durable generation', async () => {
      const { id } = await service.register('ann@example.com', PASSWORD);
      await change(id, { roles: ['admin', 'a "b", {c}'], generation: 7 });
      const claims = { roles: ['admin', 'a "b", {c}'], email: 'ann@example.com' };
      expect(await service.loadSubject(id)).toEqual({ claims, generation: 7 });
    });

    it('knows no subject that is unknown or disabled', async () => {
      const { id } = await service.register('ann@example.com', PASSWORD);
      await change(id, { disabled: true });
      expect(await service.loadSubject(id)).toBeNull();
      expect(await service.loadSubject('00000000-0000-4000-8000-000000000000')).toBeNull();
    });
  });

  describe('a database that fails', () => {
    beforeEach(() => database.db.execute(sql`alter table users rename to elsewhere`));
    afterEach(() => database.db.execute(sql`alter table elsewhere rename to users`));

    it('is told as store_unavailable by every method, never with the statement, the address or the hash', async () => {
      const errors = [
        await failure(service.register('ann@example.com', PASSWORD)),
        await failure(service.findByEmail('ann@example.com')),
        await failure(service.authenticate('ann@example.com', PASSWORD)),
        await failure(service.loadSubject('00000000-0000-4000-8000-000000000000')),
      ];
      for (const error of errors) {
        const fault = '42P01: relation "users" does not exist';
        expect(error).toMatchObject({ code: 'store_unavailable', retryAfter: 1, fault });
        expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/password_hash|ann@example\.com|argon2id/);
      }
    });
  });
});
