import { defineConfig } from 'vitest/config';

// As the starter of Nest 12 has it.
export default defineConfig({ test: { globals: true, root: './', include: ['**/*.spec.ts'] } });
