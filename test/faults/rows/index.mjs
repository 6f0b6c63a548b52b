import { answers } from './answers.mjs';
import { away } from './away.mjs';
import { clocks } from './clocks.mjs';
import { cluster } from './cluster.mjs';
import { crowd } from './crowd.mjs';
import { cuts } from './cuts.mjs';
import { eachInstance } from './each-instance.mjs';
import { sentinel } from './failover.mjs';
import { everything } from './everything.mjs';
import { flush } from './flush.mjs';
import { logout } from './logout.mjs';
import { lostEndings } from './lost-endings.mjs';
import { processes } from './processes.mjs';
import { refusals } from './refusals.mjs';
import { revocation } from './revocation.mjs';
import { service } from './service.mjs';
import { silent } from './silent.mjs';

/** The rows, by family. */
export const FAMILIES = {
  crowd,
  cuts,
  answers,
  logout,
  away,
  silent,
  refusals,
  sentinel,
  each: eachInstance,
  flush,
  cluster,
  processes,
  clocks,
  revocation,
  rollback: lostEndings,
  service,
  everything,
};
