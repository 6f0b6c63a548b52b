import { stopAll } from './registry.js';

afterAll(stopAll);
