import { feed } from './feed.mjs';
import { guard } from './guard.mjs';
import { healing } from './healing.mjs';
import { legacy } from './legacy.mjs';
import { list } from './list.mjs';
import { memoryStore } from './memory-store.mjs';
import { redisStore } from './redis-store.mjs';
import { retention } from './retention.mjs';
import { rotation } from './rotation.mjs';
import { sessions } from './sessions.mjs';
import { sliding } from './sliding.mjs';

export const AREAS = {
  rotation,
  sliding,
  list,
  retention,
  healing,
  guard,
  sessions,
  memoryStore,
  redisStore,
  feed,
  legacy,
};

/** All mutants, each with its file and the tests that should notice. */
export const MUTANTS = Object.entries(AREAS).flatMap(([area, { file, tests, mutants }]) =>
  mutants.map((mutant) => ({ area, file, tests, ...mutant })),
);
