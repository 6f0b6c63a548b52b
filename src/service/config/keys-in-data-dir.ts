import { join } from 'node:path';

/** Where the keys are kept when no setting says so. */
export const keysInDataDir = (dataDir: string): string => join(dataDir, 'keys.json');
