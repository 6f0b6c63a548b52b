import { stopAll } from './registry.js';

afterAll(stopAll, 120_000);
