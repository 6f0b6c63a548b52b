import config from '../../jest.config.js';

/** Stories of examples/next, by `npm run test:next`, which builds it first: too long for `npm test`. */
const { globalSetup: _, globalTeardown: __, ...rest } = config;
export default {
  ...rest,
  rootDir: '../..',
  roots: ['<rootDir>/test/next'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
};
