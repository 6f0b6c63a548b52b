// First: what it keeps must be there before V8 collects garbage while it loads the rest.
import './auth.tick-shape.js';
import { startService } from './service/start.js';

await startService();
