import { ANSWERS } from './answers.js';
import { ENDINGS } from './endings.js';
import { FAULTS } from './faults.js';
import { REFRESHING } from './refreshing.js';
import type { Situation } from './situation.js';

/** All situations, in the order in which they are told. */
export const SITUATIONS: readonly Situation[] = [...REFRESHING, ...FAULTS, ...ANSWERS, ...ENDINGS];
