import { asksOf } from './asks.mjs';
import { openInstance } from './instance.mjs';

/*
 * One process of a service. Listens on a free port; what HTTP does not offer is asked for by messages
 * `{ id, ask, with }` and answered by `{ id, result }`. Events that matter are told as they happen, since a process
 * that is about to be killed cannot be asked afterwards.
 */

const config = JSON.parse(process.argv[2]);
const TOLD = ['token.reused', 'store.rollback_detected'];

// A clock set wrong: from the first line, or (`shiftClock`) in the middle of work.
const trueNow = Date.now.bind(Date);
let shift = config.clockShift ?? 0;
Date.now = () => trueNow() + shift;

const instance = await openInstance({ ...config, listen: true });
instance.events.listen((event) => TOLD.includes(event.type) && process.send({ event }));

const asks = {
  ...asksOf(instance),
  shiftClock: ({ by }) => {
    shift = by;
  },
};

async function answer({ id, ask, with: argument }) {
  try {
    process.send({ id, result: (await asks[ask](argument)) ?? null });
  } catch (error) {
    process.send({ id, error: error.code ?? error.message });
  }
}

process.on('message', (message) => void answer(message));
process.once('SIGTERM', () => void instance.stop().then(() => process.exit(0)));
process.once('disconnect', () => process.exit(0));
process.send({ ready: instance.url });
