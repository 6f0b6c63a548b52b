import { registered, reportFault, stopAll } from './support/registry.js';

const noted: string[] = [];
const server = (name: string) => ({ name, stop: async () => void noted.push(name) });

beforeEach(() => noted.splice(0));

describe('the registry of what a test file starts', () => {
  it('stops what the tests left running, the last first, since a service needs its servers until it is closed', async () => {
    await registered(Promise.resolve(server('redis')), 'stop');
    await registered(Promise.resolve(server('service')), 'stop');
    await stopAll();
    expect(noted).toEqual(['service', 'redis']);
  });

  it('waits for what is still starting, as it is when a test ran out of time', async () => {
    let arrive!: (value: ReturnType<typeof server>) => void;
    const slow = registered(new Promise<ReturnType<typeof server>>((resolve) => (arrive = resolve)), 'stop');
    const stopping = stopAll();
    arrive(server('slow'));
    await Promise.all([slow, stopping]);
    expect(noted).toEqual(['slow']);
  });

  it('stops nothing twice', async () => {
    const own = await registered(Promise.resolve(server('own')), 'stop');
    await own.stop();
    await own.stop();
    await stopAll();
    expect(noted).toEqual(['own']);
  });

  it('goes on after a stop that failed, and fails the file by it', async () => {
    await registered(Promise.resolve(server('first')), 'stop');
    await registered(Promise.resolve({ stop: () => Promise.reject(new Error('stuck')) }), 'stop');
    await expect(stopAll()).rejects.toMatchObject({ errors: [expect.objectContaining({ message: 'stuck' })] });
    expect(noted).toEqual(['first']);
  });

  it('fails the file by a fault that no test could have caught', async () => {
    reportFault(new Error('the lock is lost'));
    await expect(stopAll()).rejects.toThrow('outside the tests');
    await stopAll();
  });
});
