import config from '../../jest.config.js';

/** Stories in a real Chromium, by `npm run test:browser`: too long for `npm test`. */
export default {
  ...config,
  rootDir: '../..',
  roots: ['<rootDir>/test/browser'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 4_000_000,
  maxWorkers: 1,
};
