import { openUsersDatabase } from '../../../test/support/users-databases.js';
import { databaseTime } from './database.js';

afterEach(() => jest.restoreAllMocks());

describe('the time of the users database', () => {
  it('is that of its server, whatever the clock of this machine says', async () => {
    const { database, stop } = await openUsersDatabase('a PostgreSQL server');
    const before = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(before + 60 * 60_000);
    const at = await databaseTime(database);
    jest.restoreAllMocks();
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
    await stop();
  });
});
